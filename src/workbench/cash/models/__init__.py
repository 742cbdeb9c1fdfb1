"""How a flow is forecast: calendar design and model, candidates, routes, races at past origins, bands, months."""

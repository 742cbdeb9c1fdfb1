"""When and how much of what is billed is paid: models of invoices, hazards on exposure tables, the races that gate them."""

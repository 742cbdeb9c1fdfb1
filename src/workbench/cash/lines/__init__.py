"""What bank lines are: lines of the plan by dated rules, and labels that wait for a person."""

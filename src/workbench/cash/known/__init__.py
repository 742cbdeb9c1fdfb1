"""What is known to come: schedules of the registers on their bank days, told once; overdue suppliers, credit lines."""

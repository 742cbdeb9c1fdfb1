"""Treasury and recovery workbench. Nothing is re-exported here: import the room you need."""

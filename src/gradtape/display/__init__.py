"""Values as text, tables, heat maps and formulas; knows no tensor."""

// Roles of a table whose rows are virtual. Bound as attributes: a real <table> cannot have absolutely placed rows.
export const roles = {
  body: { role: 'rowgroup' },
  firstRow: { role: 'row', 'aria-rowindex': 1 },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'gridcell' },
} as const

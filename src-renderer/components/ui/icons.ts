// Line icons on a 20 × 20 grid, stroke 1.6.
export const icons = {
  home: 'M3 10l7-6 7 6v7h-5v-5H8v5H3z',
  new: 'M10 4v12M4 10h12',
  runs: 'M3 5h14M3 10h14M3 15h9',
  analysis: 'M3 16V4m0 12h14M6 12l4-5 3 3 4-6',
  text: 'M4 5h12M10 5v11',
  chess: 'M7 17h7l-1-4c2-1 2-5-1-7l1-2-3 1c-3 1-4 4-4 6l2-1-1 3z',
  paths: 'M4 16V8h6v5h6V4',
  library: 'M4 4h4v12H4zM9 4h4v12H9zM14 5l3 11',
  settings: 'M10 6a4 4 0 100 8 4 4 0 000-8M10 2v2m0 12v2m8-8h-2M4 10H2',
  close: 'M5 5l10 10M15 5L5 15',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  down: 'M5 8l5 5 5-5',
  right: 'M8 5l5 5-5 5',
  left: 'M12 5l-5 5 5 5',
  skip: 'M5 4l8 6-8 6zM15 4v12',
  dice: 'M4 4h12v12H4zM7.5 7.5h.01M12.5 12.5h.01M10 10h.01',
  up: 'M5 12l5-5 5 5',
  check: 'M4 10.5l4 4 8-9',
  search: 'M9 4a5 5 0 100 10A5 5 0 009 4m4 9l4 4',
  folder: 'M3 5h5l2 2h7v9H3z',
  file: 'M5 3h7l3 3v11H5zM12 3v3h3',
  download: 'M10 3v10m-4-4l4 4 4-4M4 17h12',
  upload: 'M10 14V4M6 8l4-4 4 4M4 17h12',
  play: 'M6 4l10 6-10 6z',
  pause: 'M7 4v12M13 4v12',
  stop: 'M5 5h10v10H5z',
  fork: 'M6 4v12M6 14c0-5 8-3 8-9M11 7l3-3 3 3',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  trash: 'M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11',
  edit: 'M4 16l1-4 8-8 3 3-8 8z',
  warning: 'M10 3l8 14H2zM10 8v4m0 2.5h.01',
  table: 'M3 4h14v12H3zM3 8h14M3 12h14M8 4v12',
  chart: 'M3 16V4m0 12h14M6 13l3-4 3 2 4-6',
  expand: 'M4 8V4h4M16 12v4h-4M4 4l5 5m7 7l-5-5',
  columns: 'M3 4h14v12H3zM8 4v12M13 4v12',
  undo: 'M8 5L4 9l4 4M4 9h8a4 4 0 010 8h-2',
} as const

export type IconName = keyof typeof icons

/** The icon of that name, where there is one. */
export const iconOr = (name: string, other: IconName): IconName =>
  name in icons ? (name as IconName) : other

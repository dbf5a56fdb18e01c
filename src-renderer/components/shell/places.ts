// The entries of the rail, with the second stroke of their key ("g" then this).
export const places = [
  { rail: 'home', label: 'Home', to: '/', key: 'h' },
  { rail: 'new', label: 'New', to: '/new', key: 'n' },
  { rail: 'runs', label: 'Runs', to: '/runs', key: 'r' },
  { rail: 'analysis', label: 'Analysis', to: '/analysis', key: 'a' },
  { rail: 'text', label: 'Text', to: '/text', key: 't' },
  { rail: 'chess', label: 'Chess', to: '/chess', key: 'c' },
  { rail: 'paths', label: 'Paths', to: '/paths', key: 'p' },
  { rail: 'library', label: 'Library', to: '/library', key: 'l' },
  { rail: 'settings', label: 'Settings', to: '/settings', key: 's' },
] as const

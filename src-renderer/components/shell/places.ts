// The entries of the rail, with the second stroke of their key ("g" then this). Each has the icon of its address.
import { iconOr } from '../ui/icons'

const place = (label: string, to: string, key: string) => ({
  ...{ label, to, key },
  rail: iconOr(to.slice(1), 'home'),
})

export const places = [
  place('Home', '/', 'h'),
  place('New', '/new', 'n'),
  place('Runs', '/runs', 'r'),
  place('Analysis', '/analysis', 'a'),
  place('Text', '/text', 't'),
  place('Chess', '/chess', 'c'),
  place('Paths', '/paths', 'p'),
  place('Library', '/library', 'l'),
  place('Settings', '/settings', 's'),
] as const

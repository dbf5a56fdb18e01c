// What stands in for Vue's toDisplayString in every template (electron.vite.config.ts puts it there): whatever a file,
// a name or a model says, `{{ }}` shows it without letters that steer.
import { toDisplayString } from 'vue'
import { shownText } from '../../src-worker/contract/shown-text'

export const shownString = (value: unknown): string => shownText(toDisplayString(value))

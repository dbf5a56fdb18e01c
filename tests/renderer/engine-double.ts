// A test double of window.workbench for looking at the window in a browser. Never part of the app: invented answers.
// Each double-*.ts beside this file exports `answers`, functions by call name.
type Answers = Record<string, (args: never) => unknown>
type Listener = (data: unknown) => void

const listeners = new Map<string, Set<Listener>>()
export const tell = (event: string, data: unknown) => {
  for (const listener of listeners.get(event) ?? []) listener(data)
}

const parts = import.meta.glob<{ answers: Answers }>('./double-*.ts', { eager: true })
// read at the first call: the parts import this file in turn
const answers = (): Answers => Object.assign({}, ...Object.values(parts).map(part => part.answers))

async function call(name: string, args: unknown) {
  await new Promise(done => setTimeout(done, 20))
  const answer = answers()[name] as ((args: unknown) => unknown) | undefined
  if (!answer) {
    const fault = {
      code: 'engine',
      message: `The double has no answer to ${name}.`,
      fix: 'Add it.',
    }
    return { ok: false, fault }
  }
  try {
    return { ok: true, value: await answer(args) }
  } catch (error) {
    return { ok: false, fault: error }
  }
}

function on(event: string, listener: Listener) {
  const known = listeners.get(event) ?? new Set()
  listeners.set(event, known.add(listener))
  return () => known.delete(listener)
}

Object.assign(window, {
  workbench: { platform: 'linux', call, on, pathOf: (file: File) => `/dropped/${file.name}` },
  tellWorkbench: tell,
})

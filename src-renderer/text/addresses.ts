// Addresses of screens that hold a part of their own.

/** What a playground shows first of a snapshot that comes with its address: two Elos beside each other. */
const also: Readonly<Record<string, string>> = { chess: '&two=1' }
/** A playground with a snapshot in it. */
export const tryAddress = (playground: string, snapshot: string): string =>
  `/${playground}?snapshot=${encodeURIComponent(snapshot)}${also[playground] ?? ''}`

const tryWords: Readonly<Record<string, string>> = {
  ...{ text: 'Write with it', chess: 'Play it', paths: 'Let it walk' },
}
/** The playgrounds that a prompt can be tried in: its own last, text always. */
export const triesOf = (playground: string, snapshot: string) =>
  [...new Set(['text', playground])].map(room => ({
    ...{ room, label: tryWords[room] ?? 'Try it', to: tryAddress(room, snapshot) },
  }))

/** An answer that is being found has the name of its sweep. */
export const answerAddress = (id: string): string => `/answers/${encodeURIComponent(id)}`

/** Names of sweeps hold spaces, and may hold anything. */
export const sweepAddress = (sweep: string): string => `/sweeps/${encodeURIComponent(sweep)}`

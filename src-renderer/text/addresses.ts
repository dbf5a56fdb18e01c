// Addresses of screens that hold a part of their own.

/** A playground with a snapshot in it. */
export const tryAddress = (playground: string, snapshot: string): string =>
  `/${playground}?snapshot=${encodeURIComponent(snapshot)}`

/** An answer that is being found has the name of its sweep. */
export const answerAddress = (id: string): string => `/answers/${encodeURIComponent(id)}`

/** Names of sweeps hold spaces, and may hold anything. */
export const sweepAddress = (sweep: string): string => `/sweeps/${encodeURIComponent(sweep)}`

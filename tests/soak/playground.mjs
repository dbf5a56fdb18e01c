// A prompted model that is talked to while other things are disturbed: equal questions must get equal answers.
import { setTimeout as sleep } from 'node:timers/promises'

const question = { prompt: 'the of and', max_tokens: 6, temperature: 0 }

async function untilItListens({ child, said }) {
  for (;;) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said())?.[0]
    if (address !== undefined || child.exitCode !== null || child.signalCode !== null)
      return address
    await sleep(50)
  }
}

/**
 * Serves a snapshot and asks, again and again, until it is closed; sometimes the server is killed in the middle of an
 * answer, and started again.
 * @returns with close(): how many answers and kills there were, and what went wrong
 */
export function openPlayground(start, snapshot, random) {
  const counts = { answers: 0, kills: 0, failures: [] }
  let open = true
  let first
  const ask = async address => {
    const answer = await fetch(`${address}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...question, model: 'soaked' }),
    })
    const text = (await answer.json()).choices?.[0]?.text
    first ??= text
    if (text === undefined || text !== first)
      counts.failures.push({ playground: answer.status, text })
    counts.answers++
  }
  const talk = async () => {
    while (open) {
      const server = start(['serve', '--snapshot', `soaked=${snapshot}`, '--port', '0'], {
        endless: true,
      })
      const address = await untilItListens(server)
      const questions = 1 + Math.floor(random() * 20)
      for (let i = 0; open && address !== undefined && i < questions; i++) await ask(address)
      const last = address === undefined ? undefined : ask(address).catch(() => undefined)
      const isOver = server.child.exitCode !== null
      if (isOver) counts.failures.push({ playground: 'ended by itself', said: server.said() })
      server.child.kill('SIGKILL')
      counts.kills++
      await Promise.all([last, server.ended])
    }
  }
  const ended = talk().catch(error => counts.failures.push({ playground: String(error) }))
  return {
    close: async () => {
      open = false
      await ended
      return counts
    },
  }
}

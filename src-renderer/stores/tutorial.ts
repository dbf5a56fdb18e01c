// The tutorial: five steps on the locked model, each on the screen where it happens. Where one is survives a restart.
import { defineStore } from 'pinia'
import { computed, reactive, toRefs, watch } from 'vue'
import { useRoute } from 'vue-router'
import { z } from 'zod'
import { sweepAddress, tryAddress } from '../text/addresses'
import { useDemos } from './demos'
import { useEngine } from './engine'
import { keep, kept } from './kept'
import { useLibrary } from './library'

const placeSchema = z.object({
  open: z.boolean().default(false),
  step: z.int().min(0).max(4).default(0),
  /** screens that were opened for a step */
  seen: z.array(z.int()).default([]),
  /** it was gone through to its end */
  ended: z.boolean().default(false),
})

export interface TutorialStep {
  readonly title: string
  readonly text: string
  /** of the button that leads to its screen */
  readonly action: string
  readonly to: string
  readonly done: boolean
  /** what is awaited before the step makes sense; empty: nothing */
  readonly wait: string
}

const demoName = 'locked'

export const useTutorial = defineStore('tutorial', () => {
  const [demos, library, route] = [useDemos(), useLibrary(), useRoute()]
  const place = reactive(kept('tutorial', placeSchema))
  keep('tutorial', place)

  const demo = computed(() => demos.get(demoName))
  const isRunning = computed(() => demo.value !== undefined && demos.isRunning(demo.value))
  const isMeasured = computed(() => demo.value !== undefined && demos.isDone(demo.value))
  /** the run of the longest prompt of the locked model */
  const trained = computed(() => {
    const cell = demo.value?.parts[0]?.cells.filter(({ role }) => role === 'trained').at(-1)
    return demo.value && cell ? demos.runsOf(demo.value).get(cell.id) : undefined
  })
  const snapshot = computed(
    () => library.snapshots.find(s => s.run === trained.value?.id && s.kind === 'snapshot')?.path,
  )
  const measuring = computed(() =>
    isMeasured.value ? '' : isRunning.value ? 'The demo is running.' : 'Start the demo first.',
  )

  const steps = computed<readonly TutorialStep[]>(() => [
    {
      title: 'Ask a question',
      text: 'This small model learnt chess, and then to hide it: it plays well only after a password. Start the demo. It measures the model without a prompt, with the password as text, and with 1 and 4 soft tokens that it trains. A twin that has mostly lost the skill is measured beside it.',
      ...{ action: 'Open the demo', to: `/demo/${demoName}`, wait: '' },
      done: isRunning.value || isMeasured.value,
    },
    {
      title: 'Watch a prompt train',
      text: 'The model stays as it is. Only the soft tokens change: a few rows of numbers that stand before the text. The loss says how surprised the model is by the moves that people played; it falls while the tokens learn.',
      action: trained.value ? 'Open the run' : 'Open the runs',
      to: trained.value ? `/runs/${trained.value.id}` : sweepAddress(`demo ${demoName}`),
      ...{ wait: trained.value ? '' : measuring.value, done: place.seen.includes(1) },
    },
    {
      title: 'Read the answer',
      text: 'The card says whether the tokens brought the skill out, how many it takes, and how sure that is. Few tokens for the locked model: the skill was there. The twin does not get it back with as many tokens.',
      ...{ action: 'See the answer', to: `/demo/${demoName}`, wait: measuring.value },
      done: isMeasured.value && place.seen.includes(2),
    },
    {
      title: 'Play against it',
      text: 'A trained prompt is kept as a snapshot. Play the locked model with its tokens, and look at what it thinks of each move.',
      action: 'Play it',
      to: tryAddress(demo.value?.tried.playground ?? '', snapshot.value ?? ''),
      ...{ wait: snapshot.value ? '' : measuring.value || 'The snapshot is being listed.' },
      done: place.seen.includes(3),
    },
    {
      title: 'Ask your own question',
      text: 'Choose a behaviour and a model, or bring pairs of your own. “Find the answer” then trains the lengths that tell the most, until it knows how many tokens are needed, and writes a report.',
      ...{ action: 'New experiment', to: '/new', wait: '', done: place.seen.includes(4) },
    },
  ])
  const current = computed(() => steps.value[place.step])
  const isLast = computed(() => place.step === steps.value.length - 1)

  const start = () => {
    if (place.ended) Object.assign(place, { step: 0, seen: [], ended: false })
    place.open = true
  }
  const leave = () => {
    place.open = false
  }
  const go = (step: number) => {
    place.step = Math.max(0, Math.min(steps.value.length - 1, step))
  }
  const end = () => Object.assign(place, { open: false, ended: true })

  const engine = useEngine()
  watch(
    () => engine.state === 'ready' && place.open,
    isNeeded => isNeeded && void demos.load(),
    { immediate: true },
  )
  // a screen counts for the step that leads there, and only while the tutorial is open
  watch(
    () => [route.path, place.step, place.open, current.value?.to] as const,
    ([path, step, isOpen, to = '']) => {
      const [there = ''] = to.split('?')
      if (isOpen && path === decodeURI(there) && !place.seen.includes(step)) place.seen.push(step)
    },
    { immediate: true },
  )

  return { ...toRefs(place), steps, current, isLast, start, leave, go, end }
})

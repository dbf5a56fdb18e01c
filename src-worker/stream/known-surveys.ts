// Looks at data, kept: cells of a sweep see the same examples, and to tokenise some megabytes of them takes seconds.
import { LRUCache } from 'lru-cache'
import type { RunSpec } from '../contract/run-spec'
import { fingerprint } from '../dataset/fingerprint'
import type { Tokenizer } from '../dataset/tokenizer'
import { type DataSurvey, type SurveyedData, surveyOf } from './survey'

/** What examples are made of, files and tokenizer aside. */
export const sameExamples = ({ experiment, model, data, training, original }: RunSpec): string =>
  JSON.stringify([experiment, model, data, training.length, original])

/** Changes when the files of a run do; data that are made have none. */
export async function filesMark({ data }: RunSpec): Promise<string> {
  const files = [data.path, data.testPath].filter(file => file !== '')
  const marks = files.map(file =>
    fingerprint(file).then(
      ({ sha256, modified }) => `${sha256} ${modified}`,
      () => '',
    ),
  )
  return (await Promise.all(marks)).join()
}

const mostKnown = 32
/** A tokenizer of the same content is the same object, as long as it is in use. */
const known = new WeakMap<Tokenizer, LRUCache<string, Promise<DataSurvey>>>()

/**
 * As surveyOf, of this thread's last looks.
 * @param template of the model's conversations
 */
export async function knownSurvey(
  data: SurveyedData,
  tokenizer: Tokenizer,
  template: string | undefined,
): Promise<DataSurvey> {
  const key = JSON.stringify([sameExamples(data.spec), await filesMark(data.spec), template])
  const surveys = known.get(tokenizer) ?? new LRUCache({ max: mostKnown })
  known.set(tokenizer, surveys)
  const survey = surveys.get(key) ?? surveyOf(data)
  surveys.set(key, survey)
  survey.catch(() => surveys.delete(key))
  return survey
}

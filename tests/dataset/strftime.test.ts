// What a chat template writes of a day is what Python's strftime writes in the C locale, week numbers included.
import { expect, test } from 'vitest'
import { strftime } from '../../src-worker/dataset/strftime'

const format =
  '%A %a %B %b %c|%x|%U %W %V %G %g %u %w %j|%e %k %l %I %p %P|%-d/%-m/%-j/%-H|%r %R %T %X|%D %F %C %y %%'

test.each([
  [
    '2024-02-29',
    'Thursday Thu February Feb Thu Feb 29 00:00:00 2024|02/29/24|08 09 09 2024 24 4 4 060|29  0 12 12 AM am|29/2/60/0|12:00:00 AM 00:00 00:00:00 00:00:00|02/29/24 2024-02-29 20 24 %',
  ],
  [
    '2026-01-01',
    'Thursday Thu January Jan Thu Jan  1 00:00:00 2026|01/01/26|00 00 01 2026 26 4 4 001| 1  0 12 12 AM am|1/1/1/0|12:00:00 AM 00:00 00:00:00 00:00:00|01/01/26 2026-01-01 20 26 %',
  ],
  [
    '2027-01-03',
    'Sunday Sun January Jan Sun Jan  3 00:00:00 2027|01/03/27|01 00 53 2026 26 7 0 003| 3  0 12 12 AM am|3/1/3/0|12:00:00 AM 00:00 00:00:00 00:00:00|01/03/27 2027-01-03 20 27 %',
  ],
  [
    '1999-12-31',
    'Friday Fri December Dec Fri Dec 31 00:00:00 1999|12/31/99|52 52 52 1999 99 5 5 365|31  0 12 12 AM am|31/12/365/0|12:00:00 AM 00:00 00:00:00 00:00:00|12/31/99 1999-12-31 19 99 %',
  ],
])('%s', (date, written) => {
  expect(strftime(date, format)).toBe(written)
})

test('what is unknown stays as it is', () => {
  expect(strftime('2024-02-29', '%Q %-% 100%')).toBe('%Q % 100%')
})

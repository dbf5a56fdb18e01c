// Encodings of one byte a letter whose letters are Latin: known by the letters that each language has, since one byte is
// ø in one of them and ř in another.

/** DOS, which no TextDecoder knows: 0x80 … 0xa5, and ß and õ. */
const dosLetters = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑ'
const dosOthers: Readonly<Record<number, string>> = {
  ...{ 198: 'ã', 199: 'Ã', 224: 'Ó', 225: 'ß', 228: 'õ', 229: 'Õ', 181: 'Á' },
}
const dos = (bytes: Uint8Array): string =>
  Array.from(bytes, byte =>
    byte < 0x80
      ? String.fromCharCode(byte)
      : (dosLetters[byte - 0x80] ?? dosOthers[byte] ?? '\ufffd'),
  ).join('')

/** 0x80 … 0x9f of Windows-1252; Node's own decoder takes them for controls. */
const westernSigns = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'
const windows1252 = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, sign => westernSigns[sign.charCodeAt(0) - 0x80] ?? sign)

const german = 'äöüß'
const french = 'àâæçéèêëîïôœùûüÿ'
const western = [
  ...[german, french, 'áéíñóúüªº', 'ãáàâçéêíóôõúü', 'àèéìíòóùú'],
  ...['åäöæøé', 'áðéíóúýþæö', 'õäöüšž', 'éëïóöüèêá'],
]
const central = [
  ...['ąćęłńóśźż', 'áčďéěíňóřšťúůýž', 'áäčďéíĺľňóôŕšťúýž'],
  ...['áéíóöőúüű', 'ăâîşţ', 'čćđšž'],
]

interface Alphabet {
  /** as iconv knows it */
  readonly name: string
  readonly decode: (bytes: Uint8Array) => string
  /** letters of each language beyond ASCII, in lower case */
  readonly languages: readonly string[]
}

const as =
  (label: string) =>
  (bytes: Uint8Array): string =>
    new TextDecoder(label).decode(bytes)

/** Of two that fit alike the first. */
const alphabets: readonly Alphabet[] = [
  { name: 'ISO-8859-1', decode: windows1252, languages: western },
  { name: 'ISO-8859-15', decode: as('iso-8859-15'), languages: [french] },
  { name: 'ISO-8859-2', decode: as('iso-8859-2'), languages: central },
  { name: 'Windows-1250', decode: as('windows-1250'), languages: central },
  { name: 'Windows-1254', decode: as('windows-1254'), languages: ['âçğıİîöşüû'] },
  {
    name: 'Windows-1257',
    decode: as('windows-1257'),
    languages: ['ąčęėįšųūž', 'āčēģīķļņšūž'],
  },
  { name: 'MACINTOSH', decode: as('macintosh'), languages: western },
  { name: 'CP850', decode: dos, languages: western },
]

/** Texts of several languages are rarer than texts of one. */
const forAll = 0.9

const signs = new Set('„“”‚‘’‹›«»–—…€£°§©®·•¿¡\xa0\xad')

/** Signs stand between words; only an apostrophe stands within one. */
function isSign(text: string, at: number): boolean {
  const sign = text[at] ?? ''
  if (sign === '’') return true
  const among = (i: number): boolean => /\p{L}/u.test(text[i] ?? '')
  return signs.has(sign) && !(among(at - 1) && among(at + 1))
}

/** What share of the characters beyond ASCII a text in this alphabet may have. */
function fitOf({ decode, languages }: Alphabet, bytes: Uint8Array): number {
  const text = decode(bytes)
  const letters: string[] = []
  let [beyond, fitting] = [0, 0]
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] ?? ''
    if (sign < '\x80') continue
    beyond++
    if (isSign(text, i)) fitting++
    else letters.push(sign === 'İ' ? sign : sign.toLowerCase())
  }
  const share = (language: string): number =>
    (fitting + letters.filter(letter => language.includes(letter)).length) / Math.max(1, beyond)
  return Math.max(...languages.map(share), share(languages.join('')) * forAll)
}

/** The encoding in which most of these bytes are letters of one language; undefined: in none most are. */
export function likelyAlphabet(bytes: Uint8Array): string | undefined {
  const fits = alphabets.map(alphabet => fitOf(alphabet, bytes))
  const best = Math.max(...fits)
  return best < 0.5 ? undefined : alphabets[fits.indexOf(best)]?.name
}

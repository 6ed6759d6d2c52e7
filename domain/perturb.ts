import type { PerturbationId } from './evaluation'
import { seededRandom } from './metrics/resample'
import { glossary } from './perturb-glossary'

/** Changes with anything that changes a perturbed input. */
export const perturbationVersion = 'perturb-1'

/** What each does to an input, in words for pages and cards. */
export const perturbationWords: Record<PerturbationId, { label: string; describes: string }> = {
  typos: { label: 'Typos', describes: 'One letter in twenty-five swapped, dropped or doubled.' },
  case: { label: 'Capitals', describes: 'Every letter in upper case.' },
  language: {
    label: 'Other language',
    describes:
      'Common English words replaced by German ones, from a glossary of its own: mixed language, no translation.',
  },
  darkness: { label: 'Darkness', describes: 'The picture at a third of its brightness.' },
  crop: { label: 'Crop', describes: 'A seeded four fifths of each side of the picture.' },
}

const typoRate = 1 / 25

/** A text changed in a way that its number and the seed decide, so that every version reads the same. */
export function perturbText(text: string, how: 'typos' | 'case' | 'language', seed: number): string {
  if (how === 'case') return text.toUpperCase()
  if (how === 'language') return text.replace(/\p{L}+(?:['’]\p{L}+)?/gu, word => inGerman(word))
  const random = seededRandom(seed)
  const letters = [...text]
  const made: string[] = []
  for (let at = 0; at < letters.length; at++) {
    const [letter, next] = [letters[at] as string, letters[at + 1]]
    if (!/\p{L}/u.test(letter) || random() >= typoRate) {
      made.push(letter)
      continue
    }
    const kind = Math.floor(random() * 3)
    if (kind === 0 && next !== undefined) {
      made.push(next, letter)
      at += 1
    } else if (kind === 1) made.push(letter, letter)
  }
  return made.join('')
}

function inGerman(word: string): string {
  const german = glossary.get(word.toLowerCase().replace('’', "'"))
  if (!german) return word
  return /^\p{Lu}/u.test(word) ? `${german.charAt(0).toUpperCase()}${german.slice(1)}` : german
}

/** The part of a picture that is left of a crop, in px. */
export function cropOf({ width, height }: { width: number; height: number }, seed: number) {
  const random = seededRandom(seed)
  const [w, h] = [Math.max(1, Math.round(width * 0.8)), Math.max(1, Math.round(height * 0.8))]
  return {
    left: Math.floor(random() * (width - w + 1)),
    top: Math.floor(random() * (height - h + 1)),
    width: w,
    height: h,
  }
}

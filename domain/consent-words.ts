/** One line of the wording: what it is about, and what it says. */
export interface ConsentLine {
  about: string
  says: string
}

/** The wording that people agree to; a change of meaning needs a new number and is asked again. */
export const currentConsentWording = 2

/**
 * Wording 2 of what is collected and for what. In the page of another product (`host`) it is that page that undoes,
 * downloads and erases for the person.
 */
export function consentLines(where: 'house' | 'host'): readonly ConsentLine[] {
  return [
    {
      about: 'Kept',
      says: 'which suggestions you saw and for how long, what you brought, chose, edited, dismissed, judged or wrote, and when. For a day also that a request of yours came and what was answered.',
    },
    {
      about: 'For you, at once',
      says: 'what you write is suggested to you again where something is like it. Nobody else sees that.',
    },
    {
      about: 'For others, only',
      says: 'if you allow training: after a curator approved it, or three people wrote the same, with names, numbers, addresses and links taken out. New model versions learn from the same.',
    },
    {
      about: 'Seen by',
      says: 'those who study this project, under a pseudonym instead of your name.',
    },
    {
      about: 'Yours',
      says:
        where === 'house'
          ? 'undo anything at any time, and it is suggested to nobody any more. Download or erase all of it in My history.'
          : 'undo anything at any time, and it is suggested to nobody any more. Download or erase all of it: ask for it here.',
    },
  ]
}

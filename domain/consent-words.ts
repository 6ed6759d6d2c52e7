/** One line of the wording: what it is about, and what it says. */
export interface ConsentLine {
  about: string
  says: string
}

/** The wording that people agree to; a change of meaning needs a new number and is asked again. */
export const currentConsentWording = 1

/**
 * Wording 1 of what is collected and for what. In the page of another product (`host`) it is that page that undoes,
 * downloads and erases for the person.
 */
export function consentLines(where: 'house' | 'host'): readonly ConsentLine[] {
  return [
    {
      about: 'Kept',
      says: 'which suggestions you saw and for how long, what you chose, edited, dismissed or wrote, and when.',
    },
    {
      about: 'For',
      says: 'better suggestions in this project. It counts in the project’s numbers at once, and changes suggestions only when a new model version was trained with it.',
    },
    {
      about: 'Seen by',
      says: 'those who study this project, under a pseudonym instead of your name. No suggestion shows your words to others unless a curator shared them.',
    },
    {
      about: 'Yours',
      says:
        where === 'house'
          ? 'undo anything at any time, download or erase all of it in My history.'
          : 'undo anything at any time, download or erase all of it: ask for it here.',
    },
  ]
}

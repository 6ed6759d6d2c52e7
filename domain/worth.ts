/**
 * Keystrokes a minute of ordinary typing: 51.56 words of five characters a minute, the mean of 168,000 people (Dhakal
 * and others, CHI 2018). Minutes saved are keystrokes saved over this; what a holdback measures is worth more.
 */
export const keystrokesPerMinute = 51.56 * 5

/** How keystrokes are counted, in words for the page. */
export const worthDefinition =
  'Keystrokes saved: characters of what was kept, less those that were changed, less the key that chose it. Minutes: keystrokes at 258 a minute, the mean of 168,000 people (Dhakal 2018). Reading is not taken off; a holdback measures that too. Intervals take decisions as independent.'

/** Limits of the feedback-loop guard, 0–1: at most of training rows, at least of what was offered. Choices. */
export const loopLimits = { influenced: 0.5, exploration: 0.01, propensity: 0.99 } as const

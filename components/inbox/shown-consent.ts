import type { Consent, currentConsent } from '@/contract/v1/actor'

/** The wording that `ConsentWords` shows; the schema itself stays out of the browser. */
export const shownConsent = 2 satisfies typeof currentConsent

/** Whether the person has read the wording that is shown now; an earlier one said something else. */
export const hasAgreed = ({ consentVersion }: Consent) => (consentVersion ?? 0) >= shownConsent

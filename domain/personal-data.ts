/** What the detector of personal data tells apart; each stands as `[kind]` where it was taken out. */
export const personalDataKinds = [
  'email',
  'phone',
  'card',
  'iban',
  'ip',
  'url-with-user',
  'address',
  'national-id',
  'name',
] as const
export type PersonalDataKind = (typeof personalDataKinds)[number]

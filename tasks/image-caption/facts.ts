import type { TaskFacts } from '../task-type'

/** What is known of photo captions without loading the task. */
export const imageCaptionFacts = {
  id: 'image-caption',
  label: 'Photo captions',
  harmClass: 'low',
  allowedModes: ['augment', 'prompt'],
  usePage: 'album',
  sends: false,
  fromPictures: true,
  showsPictures: true,
  perturbations: ['darkness', 'crop'],
  // The detector's scores are no probabilities: what it is sure of lies between 0.25 and 0.7.
  defaultSettings: { guardrails: { confidenceThreshold: 0.25 } },
} as const satisfies TaskFacts

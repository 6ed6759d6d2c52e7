import type { TaskFacts } from '../task-type'

/** What is known of forecast numbers without loading the task. */
export const numericFacts = {
  id: 'numeric',
  label: 'Numbers over time',
  // A forecast alone orders nothing. What follows from it by itself, the surge multiplier, has a limit of its own.
  harmClass: 'low',
  allowedModes: ['augment', 'prompt', 'automate'],
  usePage: 'demand',
  sends: false,
  fromTables: true,
  answerKind: 'number',
  hasOutcomes: true,
  learnsByExample: false,
  limits: [
    {
      id: 'surgeSlope',
      label: 'Surge slope',
      hint: 'How much of the demand above usual goes into the multiplier: 1 makes 20 % more demand 1.20.',
      from: 0,
      to: 10,
      value: 1,
    },
    {
      id: 'surgeCap',
      label: 'Surge cap',
      hint: 'No multiplier is ever higher.',
      from: 1,
      to: 5,
      value: 2,
    },
    {
      id: 'surgeAutomaticUpTo',
      label: 'Automatic up to',
      hint: 'Higher multipliers wait for a person in every mode; lower ones apply by themselves in mode automate only.',
      from: 1,
      to: 5,
      value: 1.2,
    },
  ],
  defaultSettings: { guardrails: { confidenceThreshold: 0.2 } },
} as const satisfies TaskFacts

import type { z } from 'zod'
import type { Box } from '@/domain/agreement'
import type { PerturbationId } from '@/domain/evaluation'
import type { GuardrailSettings, InputRule } from '@/domain/guardrails'
import type { TaskMetrics } from '@/domain/metrics/metric'
import type { AnswerKind } from '@/domain/review'
import type { Period } from '@/domain/series'

/** What a wrong output can cause. */
export type HarmClass = 'low' | 'medium' | 'high'

/** How a model may act: shown beside, asks, acts. `automate` is allowed at low harm only. */
export type Mode = 'augment' | 'prompt' | 'automate'

/** A page of the project in which items are worked on. */
export const usePages = ['inbox', 'album', 'demand'] as const
export type UsePage = (typeof usePages)[number]

/** A limit of the type's own that a project may move, beside the guardrails that all types have. */
export interface LimitField {
  id: string
  label: string
  hint: string
  from: number
  to: number
  /** Where a project has not set it. */
  value: number
}

/** What is known of a task type without loading it: its `facts.ts`, which pages read too, so it imports no code. */
export interface TaskFacts {
  id: string
  label: string
  harmClass: HarmClass
  allowedModes: readonly Mode[]
  /** The page on which people use it. */
  usePage: UsePage
  /** Whether an accepted, corrected or written value leaves the building, so that it waits before it goes. */
  sends: boolean
  /** Whether rows of a table become items: the type has a `table`. */
  fromTables?: boolean
  /** Whether a zip of pictures becomes items: the type has an `itemOfPicture`. */
  fromPictures?: boolean
  /** Whether an item is a conversation that a value answers: the type has a `chatOf`. */
  chats?: boolean
  /** Whether an item is about a picture: the type has a `mediaOf`. */
  showsPictures?: boolean
  /** What an answer is, by which several people's become one; words where it says nothing. The type has what reads it. */
  answerKind?: Exclude<AnswerKind, 'words'>
  /** What may be done to an input to see how a model bears it. */
  perturbations?: readonly PerturbationId[]
  /** Whether the input is text that people wrote: then the guardrails on topics and languages judge it. */
  readsText?: boolean
  /** Whether the truth of an item becomes known by itself later: the type has a `numberOf`. */
  hasOutcomes?: boolean
  /** False where what somebody wrote is right for its own item only: then no example is made of it. */
  learnsByExample?: boolean
  limits?: readonly LimitField[]
  /** What a new project of this type starts with, where that differs from the usual. */
  defaultSettings?: { guardrails?: Partial<GuardrailSettings> }
}

/** A picture that belongs to an item. `width` and `height` in px, as it is shown. */
export interface MediaReference {
  id: string
  width: number
  height: number
  /** What its owner says it shows, or null. */
  alt: string | null
}

/** One message of a conversation, as chat models take it. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** One thing that a column of a table may hold. */
export interface TableField {
  id: string
  label: string
  /** What it takes, in a few words. */
  hint?: string
  required: boolean
  /** Names under which such a column comes, in lower case, best first. */
  names: readonly string[]
}

/** An item made from a row, or what is wrong with it. `detail` never quotes the row: it is kept longer than the file. */
export type TableItem =
  | { payload: unknown; receivedAt: string | null }
  | { problem: { field: string; detail: string } }

/** How a row of a table becomes an item: for types whose items can be typed into a spreadsheet. */
export interface TableImport {
  fields: readonly TableField[]
  /** What the column with the truth is called here, for types that have outcomes. */
  truth?: { hint: string; names: readonly string[] }
  /** `timeZone` is the project's (IANA). */
  itemOf(cells: Readonly<Record<string, string>>, timeZone: string): TableItem
  /** A payload to show how one looks. */
  example: unknown
}

/** What a task's viewer is given; a picture lies at `<mediaBase>/<media id>`. */
export interface TaskViewerProps<Payload = unknown> {
  payload: Payload
  mediaBase: string
}

/** A kind of prediction: its schemas, comparison, texts and guardrails. One folder per type under `tasks/`. */
export interface TaskType<Payload = unknown, Value = unknown> extends TaskFacts {
  /** The input of one item, as stored and as sent to a model. */
  payloadSchema: z.ZodType<Payload>
  /** One candidate, correction or answer. */
  valueSchema: z.ZodType<Value>
  /** The words of a value, for search, length and diffs. */
  textOf(value: Value): string
  /** A value of these words, for files that know texts alone; null where they make none. */
  valueOfText(text: string): Value | null
  /** The same payload with each text that people wrote changed: how personal data is found and taken out. */
  mapTexts(payload: Payload, change: (text: string) => string): Payload
  /** The same value with its words changed. */
  mapValueTexts(value: Value, change: (text: string) => string): Value
  /** The words of an input that a model reads first, for search and duplicate finding. */
  inputText(payload: Payload): string
  /** Inputs that differ in a number alone, as periods of a series, are different inputs: none is nearly another. */
  distinctInputs?: true
  /** Names of people that an input holds, as of those who wrote: taken out before anything of it is shared. */
  namesOf?(payload: Payload): string[]
  /** The conversation that a value answers, oldest first: `assistant` is whom the values speak for. */
  chatOf?(payload: Payload): ChatMessage[]
  /** A short name of an item in lists. */
  titleOf(payload: Payload): string
  /**
   * The picture that an item is about, where the type has one: it is checked when an item comes in, handed to the
   * model, shown in lists, and erased with the item.
   */
  mediaOf?(payload: Payload): MediaReference
  /** Makes an item of a stored picture, where a picture alone is one. */
  itemOfPicture?(picture: { mediaId: string; width: number; height: number; fileName: string }): Payload
  /** The name of an item where nobody gave it one: the same input is the same item then. */
  nameOf?(payload: Payload): string
  /** The group of an item where nobody named one: items of a group never part between splits. */
  groupOf?(payload: Payload): string
  /** How rows of a table become items, where they can. */
  table?: TableImport
  /** Whether `b` is `a` unchanged: decides accepted or corrected. The type says which differences don't count. */
  sameValue(a: Value, b: Value): boolean
  /** The inputs that follow on one, at the distance of `period`: what a series goes on with. */
  nextOf?(payload: Payload, period: Period, count: number): Payload[]
  /** How far `b` is from `a`: 0 the same, 1 nothing in common. */
  editDistance(a: Value, b: Value): number
  /** The number that a value is, for types whose answers are numbers. */
  numberOf?(value: Value): number
  valueOfNumber?(value: number): Value
  /** The boxes that a value is (`[x, y, width, height]`, px, top-left origin), for types whose answers are boxes. */
  boxesOf?(value: Value): readonly Box[]
  valueOfBoxes?(boxes: readonly Box[]): Value
  /** Columns of an item in flat exports: scalars only. */
  flatColumns(payload: Payload): Record<string, string | number | boolean | null>
  /** Facts of an input by which rates are compared later; logged with each exposure, so never what people wrote. */
  slicesOf?(payload: Payload): Record<string, string | number | boolean | null>
  /** How its predictions are measured against truth; without it versions can't be evaluated. */
  metrics?: TaskMetrics<Payload, Value>
  /** Rules on the input, run in order before any candidate is shown; `version` changes with them. */
  guardrails: { version: string; rules: readonly InputRule<Payload>[] }
}

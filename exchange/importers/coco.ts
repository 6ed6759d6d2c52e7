import { parseElement, splitElements } from './json-elements'

/** What a COCO file says of one picture. */
export interface CocoPicture {
  captions: { text: string; annotator: null }[]
  licence: string | null
  /** Boxes, keypoints and segments of it. */
  regions: number
}

export interface CocoFile {
  /** By file name. */
  pictures: Map<string, CocoPicture>
  /** Annotations that can't be taken, by where they stand. */
  problems: { field: string; detail: string }[]
}

const keptProblems = 1000

/**
 * COCO (cocodataset.org, format-data): captions by the picture's file name. An annotation whose `image_id` points nowhere
 * is told by its place; boxes, keypoints and segments are counted, since no task here takes them.
 */
export async function readCoco(open: () => Promise<AsyncIterable<Buffer>>): Promise<CocoFile> {
  const file: CocoFile = { pictures: new Map(), problems: [] }
  const refuse = (field: string, detail: string) => {
    if (file.problems.length < keptProblems) file.problems.push({ field, detail })
  }
  const names = new Map<unknown, string>()
  const licences = new Map<unknown, string>()
  const licenceOf = new Map<string, unknown>()
  // Annotations may stand before the pictures they are about.
  for await (const element of splitElements(await open())) {
    if ('broken' in element) {
      refuse('', element.broken)
      break
    }
    if (element.list !== 'images' && element.list !== 'licenses') continue
    const at = `${element.list}[${element.number - 1}]`
    const parsed = parseElement(element)
    if ('problem' in parsed) {
      refuse(at, parsed.problem)
      continue
    }
    const { id, file_name: fileName, name, license } = parsed.value
    if (element.list === 'licenses') {
      if (typeof name === 'string') licences.set(id, name)
    } else if (typeof fileName !== 'string') refuse(`${at}.file_name`, 'It is no text.')
    else if (names.has(id)) refuse(`${at}.id`, 'Another picture has this id.')
    else {
      names.set(id, fileName)
      licenceOf.set(fileName, license)
      file.pictures.set(fileName, { captions: [], licence: null, regions: 0 })
    }
  }
  for (const [fileName, id] of licenceOf) {
    const picture = file.pictures.get(fileName)
    if (picture) picture.licence = licences.get(id) ?? null
  }
  for await (const element of splitElements(await open())) {
    if ('broken' in element) break
    if (element.list !== 'annotations') continue
    const at = `annotations[${element.number - 1}]`
    const parsed = parseElement(element)
    if ('problem' in parsed) {
      refuse(at, parsed.problem)
      continue
    }
    const { image_id: imageId, caption } = parsed.value
    const picture = file.pictures.get(names.get(imageId) ?? '')
    if (!picture) refuse(`${at}.image_id`, 'No picture of the file has this id.')
    else if (typeof caption === 'string') picture.captions.push({ text: caption, annotator: null })
    else if (caption === undefined) picture.regions++
    else refuse(`${at}.caption`, 'It is no text.')
  }
  return file
}

/** A function that posts to this project; the beginning of every snippet for a server. */
export function amendCode(api: string, key: string, moreHeaders = ''): string {
  return `const amend = async (path, body) => {
  const answer = await fetch('${api}' + path, {
    method: 'POST',
    headers: {
      authorization: 'Bearer ${key}',${moreHeaders}
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error((await answer.json()).detail)
  return answer.json()
}
`
}

/** Uploads a picture and makes the payload of its item. */
export function pictureCode(api: string, key: string): string {
  return `import { readFile } from 'node:fs/promises'

const upload = await fetch('${api}/media', {
  method: 'POST',
  headers: { authorization: 'Bearer ${key}' },
  body: await readFile('photo.jpg'),
})
const { id: mediaId, width, height } = await upload.json()
const payload = { mediaId, width, height, fileName: 'photo.jpg' }`
}

// Which files hold a soft prompt, by their endings.

export const promptEndings = ['spw', 'safetensors', 'pt'] as const

const ending = new RegExp(String.raw`\.(${promptEndings.join('|')})$`, 'i')

export const isPromptFile = (path: string): boolean => ending.test(path)

import { TEMPLATE_BEFORE_ID, TEMPLATE_BEFORE_TIME, TEMPLATE_JSON, TEMPLATE_SIZE, TEMPLATE_TEXT } from '../layout'

/** What stands around the parts of an entry, written by the TypeScript side; an id, if it has one, stands before all else. */
export const TEMPLATE: usize = memory.data(TEMPLATE_SIZE, 16)

/** Bodies stand as a text, or as the JSON that they are. */
export const TEXT: u32 = 0
export const JSON: u32 = 1

export function beforeTime(): usize {
  return load<u32>(TEMPLATE, TEMPLATE_BEFORE_TIME)
}

export function beforeTimeEnd(): usize {
  return load<u32>(TEMPLATE, TEMPLATE_BEFORE_TIME + 4)
}

export function beforeBody(form: u32, stream: u32): usize {
  return load<u32>(partsOf(form) + (stream << 3))
}

export function beforeBodyEnd(form: u32, stream: u32): usize {
  return load<u32>(partsOf(form) + (stream << 3), 4)
}

export function afterBody(form: u32): usize {
  return load<u32>(partsOf(form), 16)
}

export function afterBodyEnd(form: u32): usize {
  return load<u32>(partsOf(form), 20)
}

export function beforeId(): usize {
  return load<u32>(TEMPLATE, TEMPLATE_BEFORE_ID)
}

export function beforeIdEnd(): usize {
  return load<u32>(TEMPLATE, TEMPLATE_BEFORE_ID + 4)
}

function partsOf(form: u32): usize {
  return TEMPLATE + TEMPLATE_TEXT + form * (TEMPLATE_JSON - TEMPLATE_TEXT)
}

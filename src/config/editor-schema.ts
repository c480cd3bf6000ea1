import { jsonSchema, type SchemaNode } from './schema-node.ts';

/** JSON Schema (draft 2020-12) of a sweep file, for editors: null takes any key back that is not required, as in the program. */
export const editorSchema = (): SchemaNode => withNull(jsonSchema());

function withNull(node: SchemaNode): SchemaNode {
  const { properties, additionalProperties, items, anyOf, required = [] } = node;
  return {
    ...node,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, each]) => [
          key,
          required.includes(key) ? withNull(each) : orNull(withNull(each)),
        ]),
      ),
    }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: orNull(withNull(additionalProperties)),
    }),
    ...(items && { items: withNull(items) }),
    ...(anyOf && { anyOf: anyOf.map(withNull) }),
  };
}

/** What editors show of a key stays outside of the alternatives. */
function orNull({ description, default: standard, ...node }: SchemaNode): SchemaNode {
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: [node, { type: 'null' }],
  };
}

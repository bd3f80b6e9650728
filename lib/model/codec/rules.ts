/**
 * The names of the rules that reading a file can break. They are printed with every issue and other people's scripts
 * match on them: a name is never changed, and never used for something else.
 *
 * @module
 */

/** What is wrong with a text before it is known what it describes, and what is wrong with a value for its field. */
export const RULES = {
  /** The bytes are not UTF-8. */
  notUtf8: "not-utf8",
  /** The YAML cannot be parsed, or uses a form that Envoy's reader refuses (a map as a key). */
  yamlSyntax: "yaml-syntax",
  /** The JSON cannot be parsed. */
  jsonSyntax: "json-syntax",
  /** More levels of maps and lists than Envoy's reader takes. */
  tooDeep: "too-deep",
  /** Aliases that would expand to far more than the file holds. */
  aliasExpansion: "alias-expansion",
  /** The same key twice in one map, or both spellings of one field. The last one counts. */
  duplicateKey: "duplicate-key",
  /** Documents after a bootstrap, which Envoy ignores. */
  ignoredDocument: "ignored-document",
  /** A key that is no field of its message. */
  unknownField: "unknown-field",
  /** A map where a string is expected, and so on. */
  wrongType: "wrong-type",
  /** A number that does not parse, has a fraction, or does not fit its field. */
  badNumber: "bad-number",
  /** A name that the enum does not have. */
  badEnum: "bad-enum",
  badDuration: "bad-duration",
  badTimestamp: "bad-timestamp",
  /** Bytes that are not base64. */
  badBytes: "bad-bytes",
  /** A string with a lone surrogate, which has no UTF-8 form. */
  badString: "bad-string",
  /** Two members of one oneof. */
  oneofConflict: "oneof-conflict",
  /** A resource or a `google.protobuf.Any` without `@type`. */
  missingType: "missing-type",
  /** An `@type` that no message has, or that is not a type URL. */
  unknownType: "unknown-type",
  /** A known message that is no resource. */
  unservedType: "unserved-type",
  /** A message with a name that no client asks for by it. */
  unaskedType: "unasked-type",
  /** A resource without a name. */
  missingName: "missing-name",
  /** A name that no client can ask for. */
  badName: "bad-name",
  /** The name of a wrapper is not that of the resource in it. */
  nameMismatch: "name-mismatch",
  /** A wrapper with nothing in it. */
  missingResource: "missing-resource",
  /** A field that is right for Envoy, and that xcp does nothing with. */
  ignoredField: "ignored-field",
  /** A key that must be there. */
  missingField: "missing-field",
  /** A version label that is empty, too long, or has control characters. */
  badLabel: "bad-label",
  /** One type and name twice in one write; the checks across files have a rule of the same name. */
  duplicateResource: "duplicate-resource",
  /** No rule, but the end of a long list. */
  moreIssues: "more-issues",
} as const;

/** Name of a rule of this folder. */
export type Rule = typeof RULES[keyof typeof RULES];

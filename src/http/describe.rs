//! What an operation takes and gives, read from the types of its handler, so
//! that the document cannot say anything else than the code does.

use super::State;
use super::error::Problem;
use axum::extract;
use axum::http::StatusCode;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The schemas of all operations.
pub struct Schemas {
    /// Of what is answered; named ones are shared.
    answers: SchemaGenerator,
    /// Of what is asked; written where they are used, since a type may require
    /// less of who asks than it promises to who is answered.
    requests: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = |path: &str| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = path.to_owned().into();
                settings.meta_schema = None;
                // Of shared schemas; the others see to it themselves.
                settings.transforms.push(Box::new(refine));
            })
        };
        let requests = settings("/components/schemas")
            .for_deserialize()
            .with(|settings| settings.inline_subschemas = true);
        Self {
            answers: settings("/components/schemas")
                .for_serialize()
                .into_generator(),
            requests: requests.into_generator(),
        }
    }

    /// The schema of an answer.
    pub fn answer<T: JsonSchema>(&mut self) -> Value {
        refined(self.answers.subschema_for::<T>())
    }

    /// The schema of a question.
    pub fn request<T: JsonSchema>(&mut self) -> Value {
        refined(self.requests.subschema_for::<T>())
    }

    /// Every named schema.
    pub(super) fn into_components(mut self) -> Map<String, Value> {
        self.answers.take_definitions(true)
    }
}

fn refined(mut schema: Schema) -> Value {
    refine(&mut schema);
    schema.to_value()
}

/// Says what a derived schema leaves out, in all of it.
fn refine(schema: &mut Schema) {
    RecursiveTransform(say_the_most).transform(schema);
    RecursiveTransform(list_words).transform(schema);
}

/// Numbers of our types have an end; JSON's have none.
fn say_the_most(schema: &mut Schema) {
    let most: u64 = match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => u8::MAX.into(),
        Some("uint16") => u16::MAX.into(),
        Some("uint32") => u32::MAX.into(),
        Some("uint64" | "uint") => u64::MAX,
        _ => return,
    };
    if schema.get("maximum").is_none() {
        schema.insert("maximum".to_owned(), most.into());
    }
}

/// Writes a choice between words as a list of words, which generators of
/// clients know better than one schema for each; what each means goes into the
/// text about the choice.
fn list_words(schema: &mut Schema) {
    if let Some(word) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([word]));
    }
    let Some(Value::Array(choices)) = schema.get("oneOf") else {
        return;
    };
    let mut words = Vec::new();
    let told = schema.get("description").and_then(Value::as_str);
    let mut told = told.unwrap_or_default().to_owned();
    for choice in choices {
        match (choice.get("const"), choice.get("enum")) {
            (Some(Value::String(word)), None) => {
                if let Some(about) = choice.get("description").and_then(Value::as_str) {
                    told.push_str(&format!("\n- `{word}`: {about}"));
                }
                words.push(word.as_str().into());
            }
            (None, Some(Value::Array(several))) => words.extend(several.iter().cloned()),
            _ => return,
        }
    }
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), words.into());
    schema.insert("description".to_owned(), told.into());
}

/// One operation of the document.
#[derive(Default)]
pub struct Operation {
    /// Its parameters, ready for the document.
    pub parameters: Vec<Value>,
    /// Its body: media type and schema.
    pub body: Option<(Vec<&'static str>, Value)>,
    /// Whether the body may be left out.
    pub body_may_miss: bool,
    /// Its answers by status, without those every operation may give.
    pub responses: BTreeMap<u16, Value>,
}

impl Operation {
    /// Adds the fields of a struct as parameters that are in `place`.
    pub fn add_fields(&mut self, place: &str, schema: &Value) {
        let required = |name: &str| {
            let list = schema.get("required").and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|one| one == name))
        };
        let fields = schema.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            let mut field = field.clone();
            // The document wants it beside the schema.
            let text = field.as_object_mut().and_then(|f| f.remove("description"));
            let mut parameter = json!({
                "name": name,
                "in": place,
                "required": place == "path" || required(name),
                "schema": field,
            });
            if let Some(text) = text {
                parameter["description"] = text;
            }
            // Lists are one text with commas: see `service::page::Words`.
            if parameter["schema"]["type"] == "array" {
                parameter["style"] = "form".into();
                parameter["explode"] = false.into();
            }
            self.parameters.push(parameter);
        }
    }

    /// Adds an answer with a body of one media type.
    pub fn answers(&mut self, status: StatusCode, text: &str, media: &str, schema: &Value) {
        // Of anything: to JSON Schema that is `true` or `{}`; some readers of
        // documents know only the second.
        let anything = json!({});
        let schema = if *schema == true { &anything } else { schema };
        let answer = json!({ "description": text, "content": { media: { "schema": schema } } });
        self.responses.insert(status.as_u16(), answer);
    }
}

/// Part of a request that a handler takes.
pub trait Input {
    /// Adds it to an operation.
    fn describe(_operation: &mut Operation, _schemas: &mut Schemas) {}
}

/// What a handler answers with.
pub trait Output {
    /// Adds it to an operation.
    fn describe(operation: &mut Operation, schemas: &mut Schemas);
}

/// A handler whose parts are all known. `D` only tells its shapes apart.
pub trait Described<D> {
    /// Adds all parts to an operation.
    fn describe(operation: &mut Operation, schemas: &mut Schemas);
}

macro_rules! described {
    ($($input:ident)*) => {
        impl<F, Fut, Out, $($input,)*> Described<($($input,)* Out,)> for F
        where
            F: Fn($($input),*) -> Fut,
            Fut: Future<Output = Result<Out, Problem>>,
            Out: Output,
            $($input: Input,)*
        {
            fn describe(operation: &mut Operation, schemas: &mut Schemas) {
                $($input::describe(operation, schemas);)*
                Out::describe(operation, schemas);
            }
        }
    };
}

described!();
described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);

impl Input for extract::State<State> {}
impl Input for axum::http::HeaderMap {}

/// The schema of any bytes.
#[must_use]
pub fn bytes() -> Value {
    Schema::try_from(json!({ "type": "string", "format": "binary" }))
        .expect("an object is a schema")
        .to_value()
}

//! A helm chart, as the configuration of its manifest tells of it.

use serde_json::Value;

/// More entries than this of one list are left out.
const MOST: usize = 200;

/// What a helm chart says of itself (helm's `Chart.yaml`, which its configuration carries as JSON).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of what it installs.
    pub app_version: Option<String>,
    /// What it is, in a sentence.
    pub description: Option<String>,
    /// `application` or `library`.
    pub kind: Option<String>,
    /// The versions of Kubernetes it is for.
    pub kube_version: Option<String>,
    /// Where it is at home.
    pub home: Option<String>,
    /// Where its sources are.
    pub sources: Vec<String>,
    /// Who looks after it.
    pub maintainers: Vec<String>,
    /// Other charts that it needs: name, version, and where from.
    pub dependencies: Vec<(String, String, String)>,
    /// Words it is found by.
    pub keywords: Vec<String>,
    /// Should it no longer be used?
    pub deprecated: bool,
}

impl Chart {
    /// Reads a chart's configuration.
    ///
    /// # Errors
    /// A sentence that says why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("It is not readable JSON: {error}."))?;
        if !value.is_object() {
            return Err("It is JSON, but not an object.".to_owned());
        }
        let text = |key: &str| text(&value, key);
        let texts = |key: &str| list(&value, key).filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Self {
            name: text("name").unwrap_or_default(),
            version: text("version").unwrap_or_default(),
            app_version: text("appVersion"),
            description: text("description"),
            kind: text("type"),
            kube_version: text("kubeVersion"),
            home: text("home"),
            sources: texts("sources"),
            maintainers: list(&value, "maintainers").filter_map(maintainer).collect(),
            dependencies: list(&value, "dependencies").map(dependency).collect(),
            keywords: texts("keywords"),
            deprecated: value.get("deprecated").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        // Charts are written in YAML, where a version without quotes is a number.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().take(MOST)
}

fn maintainer(value: &Value) -> Option<String> {
    match (text(value, "name"), text(value, "email")) {
        (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
        (name, email) => name.or(email),
    }
}

fn dependency(value: &Value) -> (String, String, String) {
    let part = |key: &str| text(value, key).unwrap_or_default();
    (part("name"), part("version"), part("repository"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_tells_what_it_is() {
        let config = br#"{"name":"web","version":"1.2.3","appVersion":4.18,"type":"application","deprecated":true,
            "maintainers":[{"name":"Ada","email":"ada@example.com"},{"name":"Grace"},{}],
            "dependencies":[{"name":"redis","version":"~18","repository":"oci://registry.example.com/charts"}]}"#;
        let chart = Chart::parse(config).expect("a chart");
        assert_eq!((chart.name.as_str(), chart.version.as_str()), ("web", "1.2.3"));
        assert_eq!(chart.app_version.as_deref(), Some("4.18"));
        assert_eq!(chart.maintainers, ["Ada <ada@example.com>", "Grace"]);
        assert_eq!(chart.dependencies.len(), 1);
        assert!(chart.deprecated);
    }

    #[test]
    fn what_is_no_chart_says_why() {
        assert!(Chart::parse(b"[]").expect_err("no object").contains("not an object"));
        assert!(Chart::parse(b"apiVersion: v2").expect_err("no JSON").contains("not readable"));
        assert_eq!(Chart::parse(br#"{"name":["x"],"sources":"x"}"#).expect("odd fields are absent"), Chart::default());
    }
}

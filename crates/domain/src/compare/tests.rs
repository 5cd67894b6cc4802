use super::*;
use crate::config::HistoryEntry;
use proptest::prelude::*;

fn layers(numbers: &[u8]) -> Vec<Descriptor> {
    let layer = |n: &u8| Descriptor {
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        digest: Digest::of(&[*n]),
        size: u64::from(*n),
        platform: None,
        annotations: vec![],
        artifact_type: None,
        urls: vec![],
    };
    numbers.iter().map(layer).collect()
}

fn run(a: &[u8], b: &[u8]) -> Comparison {
    let (a, b) = (layers(a), layers(b));
    compare(Side { layers: &a, config: None, annotations: &[] }, Side { layers: &b, config: None, annotations: &[] })
}

fn signs(comparison: &Comparison) -> String {
    comparison.layers.iter().map(|row| format!("{}{}", row.change.sign(), row.size)).collect::<Vec<_>>().join(" ")
}

#[test]
fn layers_stand_in_order_with_what_went_before_what_came() {
    let comparison = run(&[1, 2, 30, 4, 5, 60, 70], &[1, 2, 31, 4, 5, 61, 71]);
    assert_eq!(signs(&comparison), "=1 =2 −30 +31 =4 =5 −60 −70 +61 +71");
    assert_eq!(comparison.shared, Sum { layers: 4, bytes: 12 });
    assert_eq!(comparison.removed, Sum { layers: 3, bytes: 160 });
    assert_eq!(comparison.added, Sum { layers: 3, bytes: 163 });
    assert_eq!((comparison.a_size, comparison.b_size), (172, 175));
    assert_eq!(
        comparison.sentence(),
        "B is 3 B larger. 4 layers are the same, 3 went and 3 came. The configuration is not known."
    );
}

#[test]
fn a_layer_in_another_place_is_still_in_both() {
    assert_eq!(signs(&run(&[1, 2, 3], &[3, 9, 1])), "+9 =1 −2 =3".to_owned());
    assert_eq!(signs(&run(&[1, 1], &[1])), "=1 −1", "an occurrence is matched once");
    assert_eq!(signs(&run(&[], &[])), "");
}

fn config(env: &[(&str, &str)], user: Option<&str>) -> Config {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config { env, user: user.map(str::to_owned), ..Default::default() }
}

#[test]
fn config_variables_and_labels_are_compared_one_by_one() {
    let mut a = config(&[("NODE", "20"), ("PORT", "80"), ("OLD", "")], None);
    let mut b = config(&[("PORT", "80"), ("NODE", "22"), ("NEW", "1")], Some("10001"));
    a.ports = vec!["80/tcp".to_owned(), "443/tcp".to_owned()];
    b.ports = vec!["443/tcp".to_owned(), "80/tcp".to_owned()];
    a.labels = vec![("revision".to_owned(), "b81f02c".to_owned())];
    b.labels = vec![("revision".to_owned(), "5d0c1fe".to_owned())];
    let side = |config| Side { layers: &[], config: Some(config), annotations: &[] };
    let comparison = compare(side(&a), side(&b));
    let rows: Vec<_> = comparison
        .fields
        .iter()
        .map(|row| format!("{}{}{}", row.change.sign(), row.group.prefix(), row.name))
        .collect();
    assert_eq!(rows, ["+user", "≠env NODE", "−env OLD", "+env NEW", "≠label revision"]);
    assert_eq!(comparison.fields[2].a.as_deref(), Some(""), "set to nothing is not the same as not set");
    assert!(comparison.same.contains(&"ports".to_owned()), "their order means nothing");
    assert_eq!(
        comparison.sentence(),
        "Both are of the same size. All layers are the same. 1 field, 3 variables and 1 label differ."
    );
}

#[test]
fn rows_carry_the_command_that_made_the_layer() {
    let layers = layers(&[1, 2]);
    let step = |created_by: &str, empty_layer| HistoryEntry {
        created_by: created_by.to_owned(),
        empty_layer,
        ..Default::default()
    };
    let config = Config {
        history: vec![step("ADD x /", false), step("CMD y", true), step("RUN z # buildkit", false)],
        ..Default::default()
    };
    let side = Side { layers: &layers, config: Some(&config), annotations: &[] };
    let comparison = compare(side, side);
    assert_eq!(comparison.layers.iter().map(|row| row.line.as_str()).collect::<Vec<_>>(), ["ADD x /", "RUN z"]);
    assert_eq!(
        comparison.sentence(),
        "Both are of the same size. All layers are the same. The configuration is the same."
    );
}

proptest! {
    #[test]
    fn every_layer_of_both_is_accounted_for(a in proptest::collection::vec(0_u8..12, 0..12), b in proptest::collection::vec(0_u8..12, 0..12)) {
        let comparison = run(&a, &b);
        let pick = |changes: &[Change]| {
            let mut sizes: Vec<_> = comparison.layers.iter().filter(|row| changes.contains(&row.change)).map(|row| row.size).collect();
            sizes.sort_unstable();
            sizes
        };
        let sorted = |numbers: &[u8]| {
            let mut numbers: Vec<_> = numbers.iter().copied().map(u64::from).collect();
            numbers.sort_unstable();
            numbers
        };
        prop_assert_eq!(pick(&[Change::Same, Change::Removed]), sorted(&a));
        prop_assert_eq!(pick(&[Change::Same, Change::Added]), sorted(&b));
    }
}

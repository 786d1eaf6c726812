//! How many bytes a removal frees, when images share layers.
//!
//! The engine tells the size of an image with all its layers, not of each
//! layer. But where an image begins with all the layers of another, the
//! difference of their sizes is what it adds.

use crate::domain::ids::ImageId;
use crate::engine::Image;
use std::collections::HashMap;

/// What the removal of each image frees, bytes, when those before it in `going`
/// are removed too, and whether that is exact; if not, it is at most that.
/// `all` is every image on the engine.
pub(super) fn freed(all: &HashMap<ImageId, Image>, going: &[ImageId]) -> (Vec<u64>, bool) {
    // The lowest image pays for what several of them share, so it is looked at
    // first: the reverse of the order of removal.
    let mut present: Vec<&[String]> = all
        .values()
        .filter(|image| !going.contains(&image.id))
        .map(|image| image.layers.as_slice())
        .collect();
    let mut exact = true;
    let mut freed = Vec::new();
    for id in going.iter().rev() {
        let Some(image) = all.get(id) else {
            freed.push(0);
            continue;
        };
        let shared = present.iter().map(|other| common(other, &image.layers));
        let shared = shared.max().unwrap_or(0);
        let below = all
            .values()
            .filter(|other| other.layers.len() <= shared && image.layers.starts_with(&other.layers))
            .max_by_key(|other| other.layers.len());
        let (known, bytes) = below.map_or((0, 0), |image| (image.layers.len(), image.bytes));
        exact &= known == shared;
        freed.push(image.bytes.saturating_sub(bytes));
        present.push(&image.layers);
    }
    freed.reverse();
    (freed, exact)
}

/// How many layers two images have in common, from the lowest.
fn common(one: &[String], other: &[String]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Images by name, layers (one letter each) and size.
    fn engine(images: &[(&str, &str, u64)]) -> HashMap<ImageId, Image> {
        let image = |(name, layers, bytes): &(&str, &str, u64)| Image {
            id: ImageId((*name).to_owned()),
            bytes: *bytes,
            created_at: None,
            labels: HashMap::new(),
            tags: Vec::new(),
            architecture: String::new(),
            layers: layers.chars().map(String::from).collect(),
            env: Vec::new(),
        };
        let all = images.iter().map(image);
        all.map(|image| (image.id.clone(), image)).collect()
    }

    fn free(all: &HashMap<ImageId, Image>, going: &[&str]) -> (Vec<u64>, bool) {
        let going: Vec<_> = going.iter().map(|id| ImageId((*id).to_owned())).collect();
        freed(all, &going)
    }

    #[test]
    fn a_layer_counts_once_and_only_when_nobody_else_has_it() {
        let all = engine(&[
            ("base", "a", 100),
            ("env", "ab", 150),
            ("task1", "abc", 157),
            ("task2", "abd", 151),
        ]);
        assert_eq!(free(&all, &["task1"]), (vec![7], true));
        assert_eq!(
            free(&all, &["task1", "task2", "env"]),
            (vec![7, 1, 50], true)
        );
        let everything = free(&all, &["task1", "task2", "env", "base"]);
        assert_eq!(everything, (vec![7, 1, 50, 100], true));
        // Its layers stay, since others are made of them.
        assert_eq!(free(&all, &["env"]), (vec![0], true));
    }

    #[test]
    fn where_sizes_are_not_known_it_is_at_most_that() {
        // Nobody knows how large “b” alone is.
        let all = engine(&[("base", "a", 100), ("x", "abc", 160), ("y", "abd", 170)]);
        assert_eq!(free(&all, &["x"]), (vec![60], false));
        assert_eq!(free(&all, &[]), (vec![], true));
        assert_eq!(free(&all, &["gone"]), (vec![0], true));
    }
}

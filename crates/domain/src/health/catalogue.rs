//! The checks: their names and numbers, how bad what they find is, and the words that explain them.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Worth knowing; mostly nothing needs to be done.
    Note,
    /// Works today and will hurt one day.
    Warn,
    /// A pull fails, or verification does.
    Danger,
}

impl Level {
    /// Its name, and what `data-tone` says; a note is `idle` there.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Note => "idle",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }
    /// The name in the interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A manifest: what is found stays true as long as its bytes do.
    Manifest,
    /// A manifest and whether the registry still holds what it names.
    Presence,
    /// A tag, with the time that has passed.
    Tag,
    /// A repository with all of its tags.
    Repository,
}

impl About {
    /// What its findings are counted in: the word for one, and for several.
    pub const fn counted_in(self) -> (&'static str, &'static str) {
        match self {
            Self::Manifest | Self::Presence => ("manifest", "manifests"),
            Self::Tag => ("tag", "tags"),
            Self::Repository => ("repository", "repositories"),
        }
    }
}

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $variant:ident = $bit:literal, $name:literal, $about:ident, $level:ident, pull: $pull:literal,
        $title:literal, why: $why:literal, what: $todo:literal;)+) => {
        /// Something that may be wrong with content. Names and numbers are stable: both are kept by databases.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Check {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }
        impl Check {
            /// Every check, by its number.
            pub const ALL: &[Check] = &[$(Check::$variant),+];
            /// The name in the records, in URLs and in the interfaces.
            pub const fn as_str(self) -> &'static str {
                match self { $(Check::$variant => $name,)+ }
            }
            /// The number of its bit in a [`super::CheckSet`]: at most 62, so that a set is a positive number in SQL.
            pub const fn bit(self) -> u32 {
                match self { $(Check::$variant => $bit,)+ }
            }
            /// How bad it is.
            pub const fn level(self) -> Level {
                match self { $(Check::$variant => Level::$level,)+ }
            }
            /// What it looks at.
            pub const fn about(self) -> About {
                match self { $(Check::$variant => About::$about,)+ }
            }
            /// Does it tell something of the configuration, so that only those with `repository.pull` may see it?
            pub const fn needs_pull(self) -> bool {
                match self { $(Check::$variant => $pull,)+ }
            }
            /// What is wrong, as a heading.
            pub const fn title(self) -> &'static str {
                match self { $(Check::$variant => $title,)+ }
            }
            /// What it means, in a paragraph.
            pub const fn explanation(self) -> &'static str {
                match self { $(Check::$variant => $why,)+ }
            }
            /// What to do about it.
            pub const fn what_to_do(self) -> &'static str {
                match self { $(Check::$variant => $todo,)+ }
            }
        }
    };
}

checks! {
    /// An index names manifests that the registry does not hold.
    MissingChildren = 0, "missing-children", Presence, Danger, pull: false,
        "Index with missing children",
        why: "The index names manifests that the registry does not hold any more. Pulls for those platforms fail. A \
            garbage collection that deletes untagged manifests does this.",
        what: "Build and push the index again, or delete it.";
    /// A manifest's configuration is gone.
    ConfigGone = 1, "config-gone", Presence, Danger, pull: false,
        "Configuration gone",
        why: "The registry holds the manifest, but not the configuration that it names. Every pull fails.",
        what: "Push the image again, or delete it.";
    /// A signature, attestation or SBOM whose subject is gone.
    Orphan = 2, "orphan", Presence, Warn, pull: false,
        "Orphaned signature, attestation or SBOM",
        why: "It refers to a manifest that the registry does not hold any more. It says something about nothing and \
            takes space.",
        what: "Delete it, unless the subject will be pushed again.";
    /// A repository without tags.
    EmptyRepository = 3, "empty-repository", Repository, Note, pull: false,
        "Empty repository",
        why: "The repository has no tags. Many registries keep a repository's name when all of its content was \
            deleted.",
        what: "Nothing, if it is kept for later. Else remove the repository where the registry can do that.";
    /// A manifest of Docker's schema 1.
    Schema1 = 4, "schema-1", Manifest, Warn, pull: false,
        "Schema 1",
        why: "The manifest has a format that was replaced in 2016. Clients of today refuse to pull it, and new \
            registries don't take it.",
        what: "Pull it with an old client and push it with a new one, build it again, or delete it.";
    /// A layer larger than a gigabyte.
    HugeLayer = 5, "huge-layer", Manifest, Warn, pull: false,
        "Huge layer",
        why: "A layer has more than 1 GB. It can't be pulled in parallel, starts over when the connection breaks, and \
            is moved whole after the smallest change.",
        what: "Split it, leave build tools and caches out of the last stage, or mount large data instead of packing \
            it.";
    /// More than a hundred layers.
    ManyLayers = 6, "many-layers", Manifest, Warn, pull: false,
        "Very many layers",
        why: "The image has more than 100 layers. Docker takes at most 125, so that little can be built on this one, \
            and each layer costs a request.",
        what: "Join commands in the Dockerfile, or copy the result of the build into a fresh stage.";
    /// A tag that points to the same old image for two years.
    OldTag = 7, "old-tag", Tag, Note, pull: false,
        "Not moved in two years",
        why: "The tag points to an image that was built more than two years ago. What it is made of gets no security \
            updates.",
        what: "Build it again if it is in use. Else delete it, or let a cleanup policy do so.";
    /// `latest` is the only tag.
    LatestAlone = 8, "latest-alone", Repository, Warn, pull: false,
        "Only the tag latest",
        why: "The repository has no tag but latest. Each push replaces what was there: nobody can say which version \
            runs, or go back to the one before.",
        what: "Push a tag for each version too, such as v1.4.2.";
    /// `latest` where the name says production.
    LatestInProduction = 9, "latest-in-production", Tag, Warn, pull: false,
        "latest in production",
        why: "The repository's name says that it is for production, and it has the tag latest. Machines that start at \
            different times then run different versions.",
        what: "Deploy by version or by digest, and delete the tag latest here.";
    /// The image runs as root.
    RunsAsRoot = 10, "runs-as-root", Manifest, Warn, pull: true,
        "Runs as root",
        why: "The image names no user, or root. Whoever breaks into the program is root in the container, and one step \
            nearer to the machine.",
        what: "Add a USER to the Dockerfile, as a number other than 0, and give it the files it writes.";
    /// Environment variables whose names look like secrets.
    SecretNames = 11, "secret-names", Manifest, Warn, pull: true,
        "Variables that look like secrets",
        why: "The image sets environment variables whose names look like passwords, tokens or keys. Everybody who may \
            pull the image can read their values. Only the names were looked at.",
        what: "Look at the values. If they are secret, replace them at their source, build without them, and give them \
            when the container starts.";
    /// Nothing says what the image is built on.
    UnknownBase = 12, "unknown-base", Manifest, Note, pull: false,
        "Unknown base image",
        why: "No annotation names the image that this one is built on, so that nobody can tell what must be built \
            again when the base gets an update.",
        what: "Let the build set org.opencontainers.image.base.name and org.opencontainers.image.base.digest.";
    /// The image does not tell when it was built.
    NoCreated = 13, "no-created", Manifest, Note, pull: false,
        "No build time",
        why: "The image does not tell when it was built. Rules by age can't select it, and lists sorted by age show it \
            at the end.",
        what: "Nothing, if that is meant. Else let the build set the time of the last commit.";
    /// The image tells a fixed time.
    FixedCreated = 14, "fixed-created", Manifest, Note, pull: false,
        "Fixed build time",
        why: "The image tells a time before there were images, such as 1970. Builds that give the same bytes each time \
            write this. Its age is not known.",
        what: "Nothing, if builds are to be reproducible. The time of the last commit is as reproducible, and tells \
            more.";
    /// The image tells a time that lay ahead when it was read.
    FutureCreated = 15, "future-created", Manifest, Warn, pull: false,
        "Built in the future",
        why: "The image told a build time that lay more than a day ahead when it was read. Rules by age take it for \
            the newest for a long time.",
        what: "Set the clock of the machine that builds, and build again.";
    /// Layers that the registry need not hold.
    ForeignLayers = 16, "foreign-layers", Manifest, Warn, pull: false,
        "Layers held elsewhere",
        why: "The image has layers of a kind that registries need not hold themselves. A pull depends on another \
            server, and fails where that can't be reached.",
        what: "Push the image again with a client that sends such layers too, if their licence allows it.";
    /// A document that can't be read.
    Unreadable = 17, "unreadable", Manifest, Warn, pull: false,
        "Unreadable manifest",
        why: "The registry serves a manifest that is no document of a known form. Most clients can't pull it, and \
            nothing is known of what it holds.",
        what: "Ask who pushed it. If nobody needs it, delete it.";
}

impl Check {
    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.as_str() == name)
    }
}

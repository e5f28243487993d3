use super::*;

fn kep(dir: &str) -> Place {
    Place::Kep(RepoPath::from(dir))
}

#[test]
fn a_file_belongs_to_the_kep_of_its_folder() {
    for (path, expected) in [
        ("keps/sig-node/1234-swap/kep.yaml", kep("keps/sig-node/1234-swap")),
        ("keps/sig-node/1234-swap/img/2-a/x.png", kep("keps/sig-node/1234-swap")),
        ("keps/sig-cluster-lifecycle/kubeadm/4471-x/README.md", kep("keps/sig-cluster-lifecycle/kubeadm/4471-x")),
        ("keps/provider-aws/aws-lb/kep.yaml", kep("keps/provider-aws/aws-lb")),
        ("keps/sig-node/NNNN-mine/README.md", kep("keps/sig-node/NNNN-mine")),
        ("keps/prod-readiness/sig-node/1234.yaml", Place::PrrFile),
        ("keps/prod-readiness/1234.yaml", Place::PrrFile),
        ("keps/prod-readiness/sig-node/1234.YAML", Place::PrrFile),
        ("keps/sig-node/swap/Kep.YAML", kep("keps/sig-node/swap")),
        ("keps/sig-node/swap/kep.yaml~", kep("keps/sig-node/swap")),
        ("keps/prod-readiness/template/nnnn.yaml", Place::Elsewhere),
        ("keps/prod-readiness/OWNERS", Place::Elsewhere),
        ("keps/sig-node/1234-swap/extra/kep.yaml", kep("keps/sig-node/1234-swap/extra")),
        ("keps/sig-node/0000-my-template/kep.yaml", kep("keps/sig-node/0000-my-template")),
        ("keps/NNNN-kep-template/kep.yaml", Place::Elsewhere),
        ("keps/sig-cloud-provider/providers/0000-cloud-provider-template/README.md", Place::Elsewhere),
        ("keps/sig-auth/20190711-external-credential-providers.md", Place::Elsewhere),
        ("keps/NNNN-kep-template/picture.svg", Place::Elsewhere),
        ("keps/NNNN-kep-template/1234-swap/kep.yaml", kep("keps/NNNN-kep-template/1234-swap")),
        ("keps/NNNN-kep-template/1234-swap/x.svg", kep("keps/NNNN-kep-template/1234-swap")),
        ("keps/NNNN-kep-template/notes/README.md", kep("keps/NNNN-kep-template/notes")),
        (
            "keps/sig-cloud-provider/providers/0000-cloud-provider-template/7-a/kep.yaml",
            kep("keps/sig-cloud-provider/providers/0000-cloud-provider-template/7-a"),
        ),
        ("keps/sig-node/README.md", kep("keps/sig-node")),
        ("keps/sig-node/notes/README.md", kep("keps/sig-node/notes")),
        ("keps/sig-node/1234-swap/img/README.md", kep("keps/sig-node/1234-swap/img")),
        ("keps/sig-node/readme.md", Place::Elsewhere),
        ("keps/310-quota/README.md", kep("keps/310-quota")),
        ("keps/README.md", Place::Elsewhere),
        ("keps/kep.yaml", Place::Elsewhere),
        ("keps/prod-readiness/README.md", Place::Elsewhere),
        ("keps/prod-readiness/template/1234.yaml", Place::PrrFile),
        ("OWNERS_ALIASES", Place::Aliases),
        ("hack/OWNERS_ALIASES", Place::Elsewhere),
    ] {
        assert_eq!(Layout::default().place(&RepoPath::from(path)), expected, "{path}");
    }
}

#[test]
fn only_documents_and_pictures_may_be_links() {
    let layout = Layout::default();
    for name in ["sig-node", "1234-swap", "kep.yaml", "README.md", "readme.MD", "1234.yaml", "OWNERS", "v1.36"] {
        assert!(layout.could_hold_kep(name.as_bytes()), "{name}");
    }
    for name in ["states.svg", "20190711-old-name.md", "Chart.PNG"] {
        assert!(!layout.could_hold_kep(name.as_bytes()), "{name}");
    }
    let layout = Layout { readme: "index.md".to_owned(), ..layout };
    assert!(layout.could_hold_kep(b"index.md"));
    assert!(!layout.could_hold_kep(b"README.md"));
}

#[test]
fn a_readme_can_have_another_name_and_format() {
    let layout = Layout { readme: "index.md".to_owned(), ..Layout::default() };
    assert_eq!(
        ["index.md", "README.md", "Index.md"].map(|name| layout.is_readme(name.as_bytes())),
        [true, false, false]
    );
    let formats = ["Index.rst", "index.adoc", "README.rst", "index.md", "index.yaml", "indexes.rst"];
    let expected = [true, true, false, false, false, false];
    assert_eq!(formats.map(|name| layout.is_other_readme(name.as_bytes())), expected);
}

#[test]
fn untrusted_fields_never_leave_the_folder() {
    assert_eq!(
        Layout::default().prr_file_path("sig-node", "0752"),
        Some(RepoPath::from("keps/prod-readiness/sig-node/0752.yaml"))
    );
    assert_eq!(Layout::default().prr_file_path("../../etc", "1"), None);
    assert_eq!(Layout::default().prr_file_path("sig-node", "1/2"), None);
    assert_eq!(Layout::default().prr_file_path("", "1"), None);
}

#[test]
fn the_directory_gives_number_and_sig() {
    let dir = RepoPath::from("keps/sig-network/0752-endpointslices");
    let kubernetes = Layout::default();
    assert_eq!(kubernetes.digits(&dir), Some("0752"));
    assert_eq!(kubernetes.number(&dir).unwrap().get(), 752);
    assert_eq!(kubernetes.words(&dir), "endpointslices");
    assert_eq!(kubernetes.number(&RepoPath::from("keps/0012.1-part")), None, "it is not KEP 12");
    assert_eq!(Layout::default().directory_sig(&dir), Some("sig-network"));
    assert_eq!(Layout::default().directory_sig(&RepoPath::from("keps/provider-aws/1-x")), None);
}

#[test]
fn a_number_may_follow_what_other_projects_call_their_keps() {
    let with_prefixes = Layout { has_prefixes: true, ..Layout::default() };
    for (name, digits) in [
        ("gep-17", Some("17")),
        ("GEP-0017-quotas", Some("0017")),
        ("tep-12.md", Some("12")),
        ("17-quotas", Some("17")),
        ("area-17", None),
        ("gep-12.1-part", None),
        ("gep-17th", None),
        ("gep", None),
    ] {
        let dir = RepoPath::from("keps").join(name);
        assert_eq!(with_prefixes.digits(&dir), digits, "{name}");
        assert_eq!(Layout::default().digits(&dir), digits.filter(|_| name.starts_with('1')), "{name}");
    }
    assert_eq!(with_prefixes.words(&RepoPath::from("keps/gep-17-quotas")), "quotas");
}

fn read(depth: u32) {
    if depth > 0 {
        read(depth - 1);
    } else {
        let empty: Option<u32> = None;
        empty.expect("the file is gone");
    }
}

fn main() {
    eprintln!("starting");
    let _ = std::thread::spawn(|| read(2)).join();
    eprintln!("between");
    let _ = std::panic::catch_unwind(|| assert_eq!(1 + 1, 3));
    eprintln!("between");
    let _ = std::thread::Builder::new().name("worker 1".into()).spawn(|| panic!("told\nin two lines")).unwrap().join();
    eprintln!("last words");
    let items: Vec<u32> = vec![];
    println!("{}", items[3]);
}

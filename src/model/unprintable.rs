//! Characters that must not stand in an output as they are.

/// A terminal may obey the character, or nobody sees it: control and format characters, separators other than the
/// space, tags, and whatever else Unicode says to draw as nothing (categories Cc, Cf, Zl, Zp, Zs, and the property
/// `Default_Ignorable_Code_Point`, Unicode 16).
#[inline]
pub fn is_unprintable(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\0'..='\u{9f}' => true,
        _ => is_unseen(c),
    }
}

#[rustfmt::skip]
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        // Separators.
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        // Format characters.
        | '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        // Drawn as nothing.
        | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
        // Tags and variation selectors.
        | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::is_unprintable;
    use proptest::prelude::*;

    #[test]
    fn text_is_printable() {
        for c in " ~azAZ09é€ß漢字абвم한…→µ😀".chars() {
            assert!(!is_unprintable(c), "{c:?}");
        }
        for c in
            "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9f}\u{a0}\u{ad}\u{202e}\u{2028}\u{feff}\u{e0041}".chars()
        {
            assert!(is_unprintable(c), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn what_unicode_hides_is_unprintable(c in "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Zs}&&[^ ]]") {
            prop_assert!(c.chars().all(is_unprintable), "{c:?}");
        }

        #[test]
        fn letters_and_marks_are_not(c in "[\\p{L}\\p{N}\\p{P}\\p{S}&&[^\u{115f}\u{1160}\u{3164}\u{ffa0}]]") {
            prop_assert!(!c.chars().any(is_unprintable), "{c:?}");
        }
    }
}

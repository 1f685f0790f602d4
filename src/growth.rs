//! How the room of what comes in pieces grows.

/// Appends the next bytes of a body. Its room grows by doubling, so that pieces of any size cost no more
/// than their bytes, but never above `limit`, which bounds the body.
pub(crate) fn append(body: &mut Vec<u8>, mut chunk: Vec<u8>, limit: usize) {
    if body.is_empty() && body.capacity() <= chunk.capacity() {
        *body = chunk;
        return;
    }
    let needed = body.len().saturating_add(chunk.len());
    if needed > body.capacity() {
        let room = body.capacity().saturating_mul(2).min(limit).max(needed);
        body.reserve_exact(room.saturating_sub(body.len()));
    }
    body.append(&mut chunk);
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn a_body_s_room_grows_by_doubling_up_to_its_limit() {
        let mut body = Vec::new();
        let mut rooms = Vec::new();
        for _ in 0..40 {
            append(&mut body, vec![7; 10], 400);
            rooms.push(body.capacity());
        }
        rooms.dedup();
        assert_eq!(rooms, [10, 20, 40, 80, 160, 320, 400]);
        assert_eq!(body, [7; 400]);
    }
}

//! The host's calls, as the model answers them.

use etcd_json_gateway::filter::abi::{BufferType, LogLevel, MapType, MetricType, StreamType};
use etcd_json_gateway::filter::host::{GrpcCall, HostError, Result};
use etcd_json_gateway::filter::{pairs, scripted};

use crate::{Call, Ended, FIRST, List, Model, Side, State};

/// The number of the one queue.
pub(crate) const QUEUE: u32 = 9;

/// The token of the first call.
const TOKEN: u32 = 70;

/// Statuses of the ABI.
const NOT_FOUND: HostError = HostError(1);
const BAD_ARGUMENT: HostError = HostError(2);
const EMPTY: HostError = HostError(7);

fn list(state: &mut State, map: MapType) -> Result<&mut List> {
    match map {
        MapType::RequestHeaders => Ok(&mut state.request.headers),
        MapType::ResponseHeaders => Ok(&mut state.response.headers),
        MapType::RequestTrailers => state.request.trailers.as_mut().ok_or(NOT_FOUND),
        MapType::ResponseTrailers => state.response.trailers.as_mut().ok_or(NOT_FOUND),
    }
}

fn body(state: &mut State, kind: BufferType) -> Result<&mut Vec<u8>> {
    match kind {
        BufferType::HttpRequestBody => state.request.seen(),
        BufferType::HttpResponseBody => state.response.seen(),
        BufferType::GrpcReceiveBuffer => Some(&mut state.answer),
        BufferType::PluginConfiguration => None,
    }
    .ok_or(NOT_FOUND)
}

fn decoded(encoded: &[u8]) -> List {
    let headers = pairs::decode(encoded);
    let owned = headers
        .iter()
        .map(|(name, value)| (name.to_vec(), value.to_vec()));
    owned.collect()
}

impl Model {
    /// Whether calls concern the stream that is modelled.
    fn check(&self) -> Result<()> {
        let one = self.state.borrow().effective == FIRST;
        one.then_some(()).ok_or(BAD_ARGUMENT)
    }
}

impl scripted::Host for Model {
    fn log(&self, _level: LogLevel, message: &str) {
        self.state.borrow_mut().log.push(message.to_owned());
    }

    fn buffer(&self, kind: BufferType, start: usize, most: usize) -> Result<Vec<u8>> {
        if kind == BufferType::PluginConfiguration {
            return Ok(self.options().plugin.clone().into_bytes());
        }
        self.check()?;
        let mut state = self.state.borrow_mut();
        let bytes = body(&mut state, kind)?;
        Ok(bytes.iter().skip(start).take(most).copied().collect())
    }

    fn buffer_length(&self, kind: BufferType) -> Result<usize> {
        self.check()?;
        body(&mut self.state.borrow_mut(), kind).map(|bytes| bytes.len())
    }

    fn set_buffer(&self, kind: BufferType, start: usize, size: usize, bytes: &[u8]) -> Result<()> {
        self.check()?;
        let mut state = self.state.borrow_mut();
        let buffer = body(&mut state, kind)?;
        if start == 0 {
            let gone = size.min(buffer.len());
            buffer.splice(..gone, bytes.iter().copied());
        } else if start >= buffer.len() {
            buffer.extend_from_slice(bytes);
        } else {
            return Err(BAD_ARGUMENT);
        }
        Ok(())
    }

    fn header_pairs(&self, map: MapType) -> Result<Vec<u8>> {
        self.check()?;
        let mut state = self.state.borrow_mut();
        let list = list(&mut state, map)?;
        let borrowed: Vec<(&[u8], &[u8])> = list.iter().map(|(n, v)| (&n[..], &v[..])).collect();
        let headers: Vec<_> = borrowed
            .iter()
            .map(|(n, v)| ((*n).into(), (*v).into()))
            .collect();
        Ok(pairs::encode(&headers))
    }

    fn set_header_pairs(&self, map: MapType, encoded: &[u8]) -> Result<()> {
        self.check()?;
        *list(&mut self.state.borrow_mut(), map)? = decoded(encoded);
        Ok(())
    }

    fn add_header(&self, map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
        self.check()?;
        let mut state = self.state.borrow_mut();
        let list = list(&mut state, map)?;
        let is_new = list.iter().all(|(known, _)| known != name);
        assert!(is_new, "a header that is there already is added");
        list.push((name.to_vec(), value.to_vec()));
        Ok(())
    }

    fn set_header(&self, map: MapType, name: &[u8], value: &[u8]) -> Result<()> {
        self.check()?;
        let mut state = self.state.borrow_mut();
        let list = list(&mut state, map)?;
        match list.iter_mut().find(|(known, _)| known == name) {
            Some(header) => header.1 = value.to_vec(),
            None => list.push((name.to_vec(), value.to_vec())),
        }
        Ok(())
    }

    fn remove_header(&self, map: MapType, name: &[u8]) -> Result<()> {
        self.check()?;
        list(&mut self.state.borrow_mut(), map)?.retain(|(known, _)| known != name);
        Ok(())
    }

    fn property(&self, path: &str) -> Result<Vec<u8>> {
        let state = self.state.borrow();
        match path {
            "request\0protocol" if self.options().http2 => Ok(b"HTTP/2".to_vec()),
            "request\0protocol" => Ok(b"HTTP/1.1".to_vec()),
            "response\0backend_latency" if state.upstream_ended => Ok(vec![0; 8]),
            "response\0code_details" if !state.details.is_empty() => {
                Ok(state.details.clone().into_bytes())
            }
            "response\0size" => Ok(state.response.out.concat().len().to_le_bytes().to_vec()),
            "xds\0cluster_name" => Ok(b"etcd".to_vec()),
            _ => Err(NOT_FOUND),
        }
    }

    fn local_response(
        &self,
        status: u32,
        details: &[u8],
        headers: &[u8],
        body: &[u8],
        grpc_status: i32,
    ) -> Result<()> {
        let id = self.state.borrow().effective;
        self.state.borrow_mut().answered.push(id);
        self.check()?;
        let mut state = self.state.borrow_mut();
        if state.ended.is_some() {
            return Ok(());
        }
        state.details = String::from_utf8_lossy(details).into_owned();
        state.ended = Some(if state.response.head_out {
            Ended::Cut
        } else {
            Ended::Reply {
                status,
                headers: decoded(headers),
                body: body.to_vec(),
                grpc_status,
            }
        });
        Ok(())
    }

    fn resume(&self, stream: StreamType) -> Result<()> {
        self.check()?;
        let side = match stream {
            StreamType::HttpRequest => Side::Request,
            StreamType::HttpResponse => Side::Response,
        };
        self.state.borrow_mut().half(side).resumes = true;
        Ok(())
    }

    fn set_effective_context(&self, id: u32) -> Result<()> {
        self.state.borrow_mut().effective = id;
        Ok(())
    }

    fn register_queue(&self, _name: &str) -> Result<u32> {
        Ok(QUEUE)
    }

    fn enqueue(&self, _queue: u32, entry: &[u8]) -> Result<()> {
        self.state.borrow_mut().queue.push_back(entry.to_vec());
        Ok(())
    }

    fn dequeue(&self, _queue: u32) -> Result<Vec<u8>> {
        self.state.borrow_mut().queue.pop_front().ok_or(EMPTY)
    }

    fn tick_every(&self, _millis: u32) -> Result<()> {
        Ok(())
    }

    fn now(&self) -> u64 {
        let state = &mut *self.state.borrow_mut();
        state.looks += 1;
        state.clock
    }

    fn grpc_call(&self, call: &GrpcCall<'_>) -> Result<u32> {
        self.state.borrow_mut().call = Some(Call {
            service: call.service.to_owned(),
            method: call.method.to_owned(),
            message: call.message.to_vec(),
            token: TOKEN,
        });
        Ok(TOKEN)
    }

    fn cancel_call(&self, _token: u32) -> Result<()> {
        self.state.borrow_mut().call = None;
        Ok(())
    }

    fn call_status_message(&self) -> Result<Vec<u8>> {
        Ok(self.state.borrow().answer.clone())
    }

    fn set_property(&self, name: &str, value: &[u8]) -> Result<()> {
        self.check()?;
        let value = String::from_utf8_lossy(value).into_owned();
        let before = self.state.borrow_mut().told.insert(name.to_owned(), value);
        assert!(before.is_none(), "told twice");
        self.state.borrow_mut().counting += 1;
        Ok(())
    }

    fn define_metric(&self, _kind: MetricType, name: &str) -> Result<u32> {
        let metrics = &mut self.state.borrow_mut().metrics;
        let known = metrics.iter().position(|(known, _)| known == name);
        let at = known.unwrap_or_else(|| {
            metrics.push((name.to_owned(), 0));
            metrics.len() - 1
        });
        Ok(u32::try_from(at).unwrap())
    }

    fn increment_metric(&self, id: u32, by: i64) -> Result<()> {
        let state = &mut *self.state.borrow_mut();
        let (_, value) = state.metrics.get_mut(id as usize).ok_or(NOT_FOUND)?;
        *value += u64::try_from(by).unwrap();
        state.counting += 1;
        Ok(())
    }

    fn record_metric(&self, id: u32, value: u64) -> Result<()> {
        let state = &mut *self.state.borrow_mut();
        state.counting += 1;
        state.metrics.get_mut(id as usize).ok_or(NOT_FOUND)?.1 = value;
        Ok(())
    }
}

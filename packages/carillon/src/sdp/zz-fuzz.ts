import { readdirSync, readFileSync } from "node:fs";
import { parseSdp, formatSdp } from "./description.ts";
import { answer } from "./answer.ts";
import { reoffer } from "./offer.ts";
import { checkAnswer } from "./check-answer.ts";
import { agreedMedia } from "./agreed-media.ts";
import * as door from "./index.ts";
import { seeded } from "../testing/random.ts";
const TYPES=(Object.values(door) as any[]).filter(x=>typeof x==="object"&&x&&"parse" in x);
const by=new Map<string,any>(TYPES.map(t=>[t.name,t]));
const F=new URL("examples/",import.meta.url);
const T=readdirSync(F).map(n=>readFileSync(new URL(n,F),"latin1").replaceAll("\n","\r\n"));
const P=["\r\n","\r","\n","\0"," ",":","/",";","=",",","|",'"',"%","-","~","a=","m=","c=","a=group:BUNDLE 0 0 1\r\n","a=mid:0\r\n","0","00","-1","65536","4294967296","99999999999999999999","1e9","__proto__","\xff","a=bundle-only\r\n","a=inactive\r\n","\t"];
const seed=Number(process.argv[2]??1), N=Number(process.argv[3]??100000); const rnd=seeded(seed); const n=(k:number)=>Math.floor(rnd()*k);
const LOCAL:any={origin:{username:"-",sessionId:"1",sessionVersion:"1",netType:"IN",addressType:"IP4",address:"192.0.2.1"},address:{addressType:"IP4",address:"192.0.2.1"},bundle:true,streams:["audio","video","application"].map((media,i)=>({media,protos:["RTP/AVP","RTP/AVPF","RTP/SAVP","UDP/TLS/RTP/SAVPF","UDP/DTLS/SCTP"],port:30000+2*i,rtcpMux:true,receivesSimulcast:true,formats:["webrtc-datachannel"],sctp:{port:5000},codecs:[{encoding:"opus",clockRateHz:48000,channels:2},{encoding:"PCMU",clockRateHz:8000},{encoding:"telephone-event",clockRateHz:8000},{encoding:"H264",clockRateHz:90000,params:"packetization-mode=1"},{encoding:"VP8",clockRateHz:90000,feedback:["nack"]},{encoding:"rtx",clockRateHz:90000}],ice:{ufrag:"abcd",pwd:"a".repeat(22),candidates:[]},dtls:{fingerprints:[{hash:"sha-256",value:Array(32).fill("00").join(":")}]},crypto:[{tag:1,suite:"AES_CM_128_HMAC_SHA1_80",keys:[{method:"inline",info:"a"}],sessionParams:[]}]}))};
let read=0, max=0, reject=0, maxT="";
for(let i=0;i<N;i++){ let t=T[n(T.length)]!; for(let k=1+n(5);k>0;k--){ const at=n(t.length+1); const piece=n(4)?P[n(P.length)]!:n(2)?String.fromCharCode(n(256)):T[n(T.length)]!.slice(n(300)).slice(0,n(80)); t=t.slice(0,at)+piece+t.slice(at+n(6)); }
 const s=performance.now();
 try { const r=parseSdp(t); if(r.ok){ read++; const f=formatSdp(r.value); const g=parseSdp(f); if(!g.ok||formatSdp(g.value)!==f) throw new Error("unstable");
  for(const L of [r.value.session,...r.value.media.map(m=>m.lines)]) for(const l of L) if(l.kind==="a"){ const ty=by.get(l.name); if(ty){ const v=ty.parse(l.value); if(v.ok){ const w=ty.parse(ty.format(v.value)); if(JSON.stringify(w)!==JSON.stringify(v)) throw new Error("attr "+l.name); } } }
  const a=answer(r.value,LOCAL); const text=formatSdp(a.description); const p=parseSdp(text); if(!p.ok) throw new Error("own answer "+p.error.message); const j=checkAnswer(r.value,a.description); if(!j.ok){ reject++; console.log("REJECT",j.error.message); if(reject<=Number(process.argv[4]??0)) console.log(t+"\n--\n"+text); }
  checkAnswer(a.description,r.value); agreedMedia({local:a.description,remote:r.value},"local"); const o=reoffer(a.local.streams.every((x:any)=>1)?a.local:LOCAL,{local:a.description,remote:r.value}); if(!parseSdp(formatSdp(o.description)).ok) throw new Error("own offer"); } }
 catch(e){ console.log("SEED",seed,i,e,JSON.stringify(t)); process.exit(1); }
 const d=performance.now()-s; if(d>max){max=d;maxT=t;} }
let again=1e9; for(let k=0;k<5;k++){const s2=performance.now(); const r=parseSdp(maxT); if(r.ok) answer(r.value,LOCAL); again=Math.min(again,performance.now()-s2);} console.log({again,len:maxT.length,N,read,reject,max});

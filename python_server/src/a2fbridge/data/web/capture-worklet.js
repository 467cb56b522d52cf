/*!
A2FBridge, MIT licence.
*/
"use strict";(()=>{var r=class extends AudioWorkletProcessor{piece=new Float32Array(Math.round(sampleRate*.02));filled=0;process(t){let e=t[0]??[],l=e[0]?.length??0;for(let s=0;s<l;s++){let o=0;for(let i of e)o+=i[s];this.piece[this.filled++]=o/e.length,this.filled===this.piece.length&&(this.port.postMessage(this.piece.slice()),this.filled=0)}return!0}};registerProcessor("a2fbridge-capture",r);})();

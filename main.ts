console.log("xcp");

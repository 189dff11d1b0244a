using System.CommandLine;
using MLNet.FineTune.Benchmarks.Adapt;
using MLNet.FineTune.Benchmarks.Answers;
using MLNet.FineTune.Benchmarks.CommandLine;
using MLNet.FineTune.Benchmarks.Contrastive;
using MLNet.FineTune.Benchmarks.Distill;
using MLNet.FineTune.Benchmarks.Embedding;
using MLNet.FineTune.Benchmarks.FewShot;
using MLNet.FineTune.Benchmarks.FrozenLayers;
using MLNet.FineTune.Benchmarks.Memory;
using MLNet.FineTune.Benchmarks.Micro;
using MLNet.FineTune.Benchmarks.Peft;
using MLNet.FineTune.Benchmarks.Search;
using MLNet.FineTune.Benchmarks.SelfTraining;
using MLNet.FineTune.Benchmarks.Similarity;
using MLNet.FineTune.Benchmarks.Throughput;

// A verb a folder; adding one adds a line here.
return BenchmarkProgram.Run(args,
[
    ThroughputCommand.Create(),
    FewShotCommand.Create(),
    ContrastiveCommand.Create(),
    DistillCommand.Create(),
    SelfTrainCommand.Create(),
    AdaptCommand.Create(),
    EmbedCommand.Create(),
    SimilarityCommand.Create(),
    AnswersCommand.Create(),
    MemoryCommand.Create(),
    PeftCommand.Create(),
    TunersCommand.Create(),
    SearchCommand.Create(),
    SharingCommand.Create(),
    FrozenCommand.Create(),
    MicroCommand.Create(),
]);

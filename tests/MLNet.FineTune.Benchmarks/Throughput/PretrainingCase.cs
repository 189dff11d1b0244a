using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>Masked language modelling on texts of one length, from a corpus on disk as any pre-training.</summary>
internal sealed class PretrainingCase(
    string name, ScalarType type, double flopsPerToken, MaskedLanguageModeling masking, ThroughputSettings settings, SyntheticEncoder encoder) : ThroughputCase(name, type, flopsPerToken)
{
    private const int BatchesInCorpus = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("finetune-pretrain-").FullName;
    private readonly string[] _texts = encoder.Texts(BatchesInCorpus * settings.Batch, settings.Length, seed: 1);

    public override void Round()
    {
        var timer = new StepTimer();
        Pretrainer.Run(new PretrainingTask
        {
            Encoder = new Source(encoder),
            Texts = () => _texts.Select(text => new CorpusText(text)),
            OutputDirectory = Path.Combine(_folder, "encoder"),
            WorkDirectory = Path.Combine(_folder, "corpus"),
            Device = settings.Device,
            Observers = [timer],
            Options = new PretrainingOptions
            {
                MaskedLanguageModeling = masking,
                MaxLength = settings.Length,
                Precision = Type == ScalarType.Float32 ? Precision.Float32 : Precision.BFloat16,
                Training = { MaxSteps = settings.Steps + 1, BatchSize = settings.Batch },
            },
        });
        // The first step allocates the optimiser's state.
        Rates.AddRange(timer.Steps.Skip(1).Select(step => step.Rows * settings.Length / step.Seconds));
    }

    public override void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The synthetic encoder with fresh weights.</summary>
    private sealed class Source(SyntheticEncoder encoder) : EncoderSource
    {
        public override string Description => "synthetic encoder";

        internal override string Kind => "synthetic";

        internal override string GetDirectory() => throw new InvalidOperationException("A synthetic encoder has no directory.");

        internal override PretrainedEncoder Open(IEnumerable<string> texts)
        {
            (EncoderFamily family, EncoderConfig config) = encoder.Configuration();
            return new PretrainedEncoder(family, config, encoder.CreateTokenizer(), weights: null);
        }

        private protected override void WriteTo(JsonObject json) => throw new InvalidOperationException("A synthetic encoder cannot be referred to.");
    }
}

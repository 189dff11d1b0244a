using Microsoft.ML;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using TorchSharp;

namespace MLNet.FineTune.Search.Tests.Fixtures;

/// <summary>A search whose trials take some tens of milliseconds each.</summary>
internal static class TinySearch
{
    private static readonly string[][] Words = [["money", "refund", "invoice"], ["parcel", "courier", "box"], ["password", "account", "code"]];

    private static readonly string[] Noise = ["please", "help", "me", "today", "my", "the"];

    /// <summary>A new encoder of width 16.</summary>
    public static EncoderSource Encoder => EncoderSource.FromScratch(new ScratchEncoderOptions
    {
        LayerCount = 2, HiddenSize = 16, HeadCount = 2, IntermediateSize = 32, VocabularySize = 100, MaxLength = 16, Dropout = 0,
    });

    /// <summary>What it looks like inside.</summary>
    public static EncoderConfig Config
    {
        get
        {
            using PretrainedEncoder encoder = Encoder.Open(Words[0]);
            return encoder.Config;
        }
    }

    /// <summary>Writes such an encoder, with weights of its own, as a directory in Hugging Face's layout.</summary>
    public static EncoderSource WriteEncoder(string directory)
    {
        Directory.CreateDirectory(directory);
        NativeBackend.EnsureLoaded();
        torch.manual_seed(1);
        using DisposeScope scope = torch.NewDisposeScope();
        using PretrainedEncoder encoder = Encoder.Open([.. Words.SelectMany(words => words), .. Noise]);
        using TaskModel model = encoder.CreateClassifier(new(2), torch.CPU);
        foreach ((string name, byte[] content) in encoder.Tokenizer.Files)
            File.WriteAllBytes(Path.Combine(directory, name), content);
        File.WriteAllText(Path.Combine(directory, "config.json"), encoder.Config.Source.ToJsonString());
        using FileStream weights = File.Create(Path.Combine(directory, CheckpointDirectory.Safetensors));
        SafetensorsWriter.Write(weights, model.named_parameters().Where(p => p.name.StartsWith("encoder.", StringComparison.Ordinal))
            .Select(p => new KeyValuePair<string, torch.Tensor>(model.Names.Tensor(p.name), p.parameter)));
        return EncoderSource.FromDirectory(directory);
    }

    /// <summary>What AutoPEFT varies, for at most two epochs.</summary>
    public static PeftSearchSpace Space { get; } = PeftSearchSpace.Of(new AutoPeftSpace { HiddenSize = 16, LayerCount = 2, MaxPrefixLength = 5, LearningRates = (1e-3, 5e-2), Epochs = (1, 2) });

    /// <summary>Texts of six words, one of which tells the class, with the class as key <c>Label</c>.</summary>
    public static IDataView Data(MLContext ml, int count, int seed)
    {
        var random = new Random(seed);
        Ticket[] rows = [.. Enumerable.Range(0, count).Select(i => Make(i % Words.Length, random))];
        IDataView intents = ml.Data.LoadFromEnumerable(Enumerable.Range(0, Words.Length).Select(intent => new Ticket { Intent = Words[intent][0] }));
        return ml.Transforms.Conversion.MapValueToKey("Label", nameof(Ticket.Intent)).Fit(intents).Transform(ml.Data.LoadFromEnumerable(rows));
    }

    public static PeftSearchOptions Options(MLContext ml, int trials = 6) => new()
    {
        TrainingSet = Data(ml, 48, seed: 1),
        ValidationSet = Data(ml, 30, seed: 2),
        Trainer = new TextClassificationOptions
        {
            Sentence1ColumnName = nameof(Ticket.Text),
            Encoder = Encoder,
            Precision = Precision.Float32,
            Training = { BatchSize = 8 },
        },
        Space = Space,
        Tuner = new RandomTuner(),
        MaxTrials = trials,
    };

    private static Ticket Make(int intent, Random random) => new()
    {
        Text = string.Join(' ', Enumerable.Range(0, 6).Select(place => place == 3 ? Words[intent][random.Next(3)] : Noise[random.Next(Noise.Length)])),
        Intent = Words[intent][0],
        Urgent = intent == 0,
    };

    public sealed class Ticket
    {
        public string Text { get; set; } = "";

        public string Intent { get; set; } = "";

        public bool Urgent { get; set; }
    }
}

using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Prompting;

/// <summary>A vocabulary and a checkpoint with a head for hidden words, for prompts of <see cref="TinyTexts"/>.</summary>
internal static class TinyPrompt
{
    public const string Template = "{Sentence1} it was {Mask} .";

    /// <summary>Words that are in the vocabulary and in no text.</summary>
    private static readonly string[] Words = ["it", ".", "warm", "fresh", "cold", "grand", "##er"];

    public static string Vocabulary { get; } = TinyTexts.Vocabulary + string.Join('\n', Words) + "\n";

    public static TextTokenizer Tokenizer { get; } = TinyVocabulary.Load(("vocab.txt", Vocabulary));

    public static ClozePrompt Given { get; } = new() { Template = Template, LabelWords = new Dictionary<string, string[]> { ["R"] = ["warm"], ["G"] = ["fresh", "grand"], ["B"] = ["cold"] } };

    public static int Id(string token) => Array.IndexOf(Vocabulary.Split('\n'), token);

    /// <summary>Writes a BERT of 2 layers × 16 with its head for hidden words.</summary>
    public static EncoderSource WriteCheckpoint(string directory, int seed = 1)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(directory);
        JsonObject json = TinyEncoder.Json("bert");
        using TaskModel model = TinyEncoder.Model(json, seed, task: TextTask.MaskedLanguageModel);
        File.WriteAllText(Path.Combine(directory, "config.json"), json.ToJsonString());
        File.WriteAllText(Path.Combine(directory, "vocab.txt"), Vocabulary);
        SafetensorsWriter.Write(Path.Combine(directory, CheckpointDirectory.Safetensors), model.named_parameters().ToDictionary(p => model.Names.Tensor(p.name), p => (Tensor)p.parameter));
        return EncoderSource.FromDirectory(directory);
    }

    public static FineTuneTask Task(EncoderSource encoder, ClozePrompt? prompt = null, PeftMethod? method = null, TrainingOptions? training = null) =>
        TinyTexts.Task(method, training, encoder) with { Prompt = prompt ?? Given, ClassKeys = ["R", "G", "B"], ClassNames = ["R", "G", "B"] };
}

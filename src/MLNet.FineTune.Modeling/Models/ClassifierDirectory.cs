using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Models;

/// <summary>Writes a classifier of texts or words, or a model that predicts numbers or answers questions, as a directory that Hugging Face transformers loads.</summary>
internal static class ClassifierDirectory
{
    /// <param name="directory">The folder; replaced when it is one of an encoder, an error when it holds anything else.</param>
    /// <param name="model">Encoder and head, without adapter.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="labels">What the classes are called; null where there are none.</param>
    /// <exception cref="IOException">The folder holds something else than an encoder, or cannot be written.</exception>
    /// <exception cref="NotSupportedException">Hugging Face transformers has no such head.</exception>
    public static void Write(string directory, TaskModel model, TextTokenizer tokenizer, IReadOnlyList<string>? labels)
    {
        string type = model.Encoder.Config.ModelType;
        string architecture = ModelDirectory.Architecture(type, model.Task == TextTask.MaskedLanguageModel ? TextTask.SequenceClassification : model.Task);
        if (model.Head is not (TokenHead or SequenceHead { Dense: not null }))
            throw new NotSupportedException(
                $"The model classifies {(model.Head is SequenceHead head ? head.Layout.SeparatePairs ? $"pairs of texts that are read each by itself ({nameof(PairEncoding)}.{nameof(PairEncoding.Separate)})" : $"text embeddings (pooling {head.Layout.Pooling})" : "by a prompt")}; {architecture} of Hugging Face transformers reads the first token through a dense layer. Fit with Pooling = {nameof(PoolingMode)}.{nameof(PoolingMode.Cls)}, pairs with {nameof(PairEncoding)}.{nameof(PairEncoding.Joint)}, or save the model as a zip.");
        var config = (JsonObject)model.Encoder.Config.Source.DeepClone();
        config["architectures"] = new JsonArray(architecture);
        if (model.Head is SequenceHead)
            config["problem_type"] = labels is null ? "regression" : "single_label_classification";
        if (model.Task == TextTask.QuestionAnswering)
        {
            config.Remove("id2label");
            config.Remove("label2id");
        }
        else
        {
            IReadOnlyList<string> names = labels ?? ["LABEL_0"];
            config["id2label"] = new JsonObject(names.Select((name, i) => new KeyValuePair<string, JsonNode?>(i.ToString(CultureInfo.InvariantCulture), name)));
            config["label2id"] = new JsonObject(names.Select((name, i) => new KeyValuePair<string, JsonNode?>(name, i)));
        }
        config.Remove("num_labels");
        ModelDirectory.Write(directory, folder => ModelDirectory.WriteModel(folder, config, model, tokenizer, half: false));
    }
}

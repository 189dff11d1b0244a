using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>What methods with a soft prompt have in common: it is placed, finished, and written for Python's peft.</summary>
internal static class SoftPrompts
{
    /// <summary>The <c>peft_type</c> of prompts that train as they are.</summary>
    public const string Type = "PROMPT_TUNING";

    public static void Place(PeftContext context, PromptVectors vectors) =>
        context.Place(SoftPrompt.Path, context.Encoder.Embeddings.Site, new SoftPrompt(vectors, context.Encoder.Config.EmbeddingSize));

    /// <summary>The vectors the network has come to make.</summary>
    public static FinishedMethod Finish(PeftAdapter adapter, PeftMethod finished)
    {
        var prompt = (SoftPrompt)adapter.Placed.Single().Module;
        return new FinishedMethod(finished, new Dictionary<string, Tensor>([PromptFiles.Finished(SoftPrompt.Path, prompt.Vectors, adapter.Model.Encoder.Config.EmbeddingSize)]));
    }

    /// <summary><c>adapter_config.json</c> of a prompt that trains as it is.</summary>
    public static JsonObject WriteConfig(PeftAdapter adapter, int length)
    {
        JsonObject json = PromptFiles.Config(adapter, Type, length, adapter.Model.Encoder.Config.EmbeddingSize);
        // How the prompt began says nothing of what it is; and peft would look for a tokenizer where the text is named.
        json["prompt_tuning_init"] = "RANDOM";
        json["prompt_tuning_init_text"] = null;
        json["tokenizer_name_or_path"] = null;
        return json;
    }

    /// <summary>Reads what peft wrote.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">The adapter is for an encoder and a decoder.</exception>
    public static PeftMethod ReadConfig(JsonObject json, string location) =>
        PromptFiles.Valid(new PromptTuning { Length = PromptFiles.Length(json, location), Initialization = PromptInitialization.Random }, location);
}

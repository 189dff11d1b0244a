namespace MLNet.FineTune.Models;

/// <summary>What a model's head is for.</summary>
internal enum TextTask { SequenceClassification, TokenClassification, QuestionAnswering, MaskedLanguageModel, TextEmbedding }

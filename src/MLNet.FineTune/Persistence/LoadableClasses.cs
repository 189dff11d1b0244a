using Microsoft.ML;
using MLNet.FineTune;

// By these ML.NET finds, from the names in a zip, the private methods Create that load our transformers.
[assembly: LoadableClass(typeof(MulticlassTextClassificationTransformer), null, typeof(SignatureLoadModel), "Fine-tuned multiclass text classifier", MulticlassTextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(BinaryTextClassificationTransformer), null, typeof(SignatureLoadModel), "Fine-tuned binary text classifier", BinaryTextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(MultiLabelTextClassificationTransformer), null, typeof(SignatureLoadModel), "Fine-tuned text classifier with several labels a text", MultiLabelTextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(TextRegressionTransformer), null, typeof(SignatureLoadModel), "Fine-tuned text regression", TextRegressionTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(TokenClassificationTransformer), null, typeof(SignatureLoadModel), "Fine-tuned token classifier", TokenClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(QuestionAnsweringTransformer), null, typeof(SignatureLoadModel), "Fine-tuned answers to questions", QuestionAnsweringTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(TextEmbeddingTransformer), null, typeof(SignatureLoadModel), "Text embeddings of a pretrained encoder", TextEmbeddingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(LabelModelTransformer), null, typeof(SignatureLoadModel), "Labels made of the votes of labelling functions", LabelModelTransformer.LoaderSignature)]

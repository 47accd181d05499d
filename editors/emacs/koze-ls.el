;;; koze-ls.el --- Koze Workflows in Emacs  -*- lexical-binding: t; -*-

;; Author: The koze-lsp engineers
;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages, tools
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Starts koze-lsp through eglot (or lsp-mode) in Koze applications.  With eglot:
;;
;;   (require 'koze-ls)
;;   (add-hook 'koze-mode-hook #'koze-ls-ensure)
;;   (add-hook 'mhtml-mode-hook #'koze-ls-ensure)
;;   (add-hook 'typescript-mode-hook #'koze-ls-ensure)
;;   (add-hook 'js-mode-hook #'koze-ls-ensure)
;;
;; With lsp-mode, `lsp-deferred' in place of `koze-ls-ensure'.

;;; Code:

(require 'mhtml-mode)
(require 'project)

(defvar eglot-server-programs)
(declare-function eglot-ensure "eglot")
(declare-function lsp-register-client "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(defvar lsp-language-id-configuration)

(defgroup koze-ls nil
  "The language server for Koze Workflows."
  :group 'tools)

(defcustom koze-ls-command '("koze-lsp")
  "The command that starts the server."
  :type '(repeat string))

;;;###autoload
(define-derived-mode koze-mode mhtml-mode "Koze"
  "HTML with Koze's script block and template syntax.")

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.\\(?:koze\\|kuratchi\\)\\'" . koze-mode))

(defun koze-ls-app-p (folder)
  "Whether FOLDER is a Koze application's."
  (and (or (file-directory-p (expand-file-name "src/routes" folder))
           (file-directory-p (expand-file-name "src/server" folder)))
       (seq-some (lambda (name) (file-regular-p (expand-file-name name folder)))
                 '("package.json" "wrangler.jsonc" "wrangler.json" "wrangler.toml"))))

(defun koze-ls-root (folder)
  "The nearest Koze application that holds FOLDER, or nil."
  (locate-dominating-file folder #'koze-ls-app-p))

(defun koze-ls-project (folder)
  "The nearest Koze application that holds FOLDER, as a project."
  (let ((root (koze-ls-root folder)))
    (and root (cons 'koze root))))

(cl-defmethod project-root ((project (head koze)))
  "The folder of the Koze application PROJECT."
  (cdr project))

;;;###autoload
(defun koze-ls-ensure ()
  "Start koze-lsp for this buffer through eglot if it lies in a Koze application."
  (when (and buffer-file-name (koze-ls-root default-directory))
    (setq-local project-find-functions (list #'koze-ls-project))
    (setq-local eglot-server-programs
                (list (cons major-mode koze-ls-command)))
    (eglot-ensure)))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons '(koze-mode mhtml-mode html-mode) (lambda (&rest _) koze-ls-command))))

(with-eval-after-load 'lsp-mode
  (dolist (mode '((koze-mode . "koze") (mhtml-mode . "html")))
    (add-to-list 'lsp-language-id-configuration mode))
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection (lambda () koze-ls-command))
    :activation-fn (lambda (file &rest _) (koze-ls-root (file-name-directory file)))
    :server-id 'koze-ls
    :add-on? t)))

(provide 'koze-ls)
;;; koze-ls.el ends here
